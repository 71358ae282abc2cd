import { z } from "zod";

/** The fields of the Kubernetes objects that exports write, with the API servers' own limits. */
const name = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(
  z.string().regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/),
  z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/),
);
const port = z.int().min(1).max(65_535);
const quantity = z.string().regex(/^\d+$/);
const metadata = z.strictObject({
  name,
  annotations: z.record(z.string(), z.string()).optional(),
});
const env = z.array(
  z.union([
    z.strictObject({ name: z.string(), value: z.string() }),
    z.strictObject({
      name: z.string(),
      valueFrom: z.union([
        z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.string() }) }),
        z.strictObject({
          secretKeyRef: z.strictObject({ name, key: z.string(), optional: z.boolean() }),
        }),
      ]),
    }),
  ]),
);
const mounts = z.array(z.strictObject({ name, mountPath: z.string().startsWith("/") }));
const volumes = z.array(
  z.union([
    z.strictObject({
      name,
      emptyDir: z.strictObject({ medium: z.literal("Memory"), sizeLimit: z.string() }),
    }),
    z.strictObject({ name, persistentVolumeClaim: z.strictObject({ claimName: name }) }),
  ]),
);

const pod = z.strictObject({
  metadata: z.strictObject({ labels }),
  spec: z.strictObject({
    nodeSelector: labels,
    containers: z
      .array(
        z.strictObject({
          name,
          image: z.string(),
          command: z.array(z.string()),
          env,
          resources: z.strictObject({ limits: z.record(z.string(), quantity) }),
          volumeMounts: mounts,
          ports: z.array(z.strictObject({ containerPort: port })).optional(),
          readinessProbe: z
            .strictObject({ httpGet: z.strictObject({ path: z.string(), port }) })
            .optional(),
        }),
      )
      .min(1),
    volumes,
  }),
});

const leaderWorkerSet = z.strictObject({
  apiVersion: z.literal("leaderworkerset.x-k8s.io/v1"),
  kind: z.literal("LeaderWorkerSet"),
  metadata,
  spec: z.strictObject({
    replicas: z.int().min(0),
    leaderWorkerTemplate: z.strictObject({
      size: z.int().min(1),
      leaderTemplate: pod,
      workerTemplate: pod,
    }),
  }),
});

const service = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name, port, targetPort: port })),
  }),
});

const component = z.strictObject({
  name: z
    .string()
    .max(63)
    .regex(/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$/),
  type: z.enum(["frontend", "worker", "prefill", "decode", "planner", "epp"]),
  replicas: z.int().min(0),
  multinode: z.strictObject({ nodeCount: z.int().min(2) }).optional(),
  sharedMemorySize: z
    .string()
    .regex(/^\d+(Gi|Mi)?$/)
    .optional(),
  podTemplate: z.strictObject({
    spec: z.strictObject({
      nodeSelector: labels.optional(),
      containers: z.array(
        z.strictObject({
          name,
          image: z.string().regex(/:\d+\.\d+\.\d+$/),
          command: z.array(z.string()).optional(),
          args: z.array(z.string()).optional(),
          env: env.optional(),
          resources: z.strictObject({ limits: z.record(z.string(), quantity) }).optional(),
          volumeMounts: mounts.optional(),
        }),
      ),
      volumes: volumes.optional(),
    }),
  }),
});

const dynamo = z.strictObject({
  apiVersion: z.literal("nvidia.com/v1beta1"),
  kind: z.literal("DynamoGraphDeployment"),
  metadata,
  spec: z.strictObject({
    backendFramework: z.enum(["sglang", "vllm", "trtllm"]),
    components: z
      .array(component)
      .refine((list) => new Set(list.map((entry) => entry.name)).size === list.length),
  }),
});

const httpRoute = z.strictObject({
  apiVersion: z.literal("gateway.networking.k8s.io/v1"),
  kind: z.literal("HTTPRoute"),
  metadata,
  spec: z.strictObject({
    parentRefs: z.array(z.strictObject({ group: z.string(), kind: z.string(), name })),
    rules: z.array(
      z.strictObject({
        matches: z.array(
          z.strictObject({
            path: z.strictObject({
              type: z.literal("PathPrefix"),
              value: z.string().startsWith("/"),
            }),
          }),
        ),
        backendRefs: z
          .array(
            z.strictObject({
              kind: z.literal("Service"),
              name,
              port,
              weight: z.int().min(1).max(1_000_000),
            }),
          )
          .min(1)
          .max(16),
        timeouts: z.strictObject({ request: z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/) }),
      }),
    ),
  }),
});

export const kubernetesObject = z.discriminatedUnion("kind", [
  leaderWorkerSet,
  service,
  dynamo,
  httpRoute,
]);
