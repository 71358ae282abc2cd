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
const metadata = z.strictObject({ name });
const env = z.array(z.strictObject({ name: z.string(), value: z.string() }));

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
          ports: z.array(z.strictObject({ containerPort: port })).optional(),
          readinessProbe: z
            .strictObject({ httpGet: z.strictObject({ path: z.string(), port }) })
            .optional(),
        }),
      )
      .min(1),
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

const dynamo = z.strictObject({
  apiVersion: z.literal("nvidia.com/v1alpha1"),
  kind: z.literal("DynamoGraphDeployment"),
  metadata,
  spec: z.strictObject({
    services: z.record(
      z.string(),
      z.strictObject({
        componentType: z.enum(["frontend", "worker"]),
        replicas: z.int().min(0),
        multinode: z.strictObject({ nodeCount: z.int().min(2) }).optional(),
        resources: z.strictObject({ limits: z.strictObject({ gpu: quantity }) }).optional(),
        extraPodSpec: z.strictObject({
          mainContainer: z.strictObject({
            image: z.string(),
            command: z.array(z.string()).optional(),
            args: z.array(z.string()).optional(),
            env: env.optional(),
          }),
        }),
      }),
    ),
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
              group: z.literal("inference.networking.k8s.io"),
              kind: z.literal("InferencePool"),
              name,
              weight: z.int().min(1).max(1_000_000),
            }),
          )
          .min(1)
          .max(16),
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
