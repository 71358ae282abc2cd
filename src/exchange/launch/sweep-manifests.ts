import { printable } from "../../core/printable.js";
import { quoteShell } from "../../core/quote-shell.js";

/** Where the shards of a sweep run and what they run. */
export interface SweepShards {
  readonly shards: number;
  /** Container image with helix-place in it (Kubernetes). */
  readonly image: string;
  /** Arguments of `helix-place` but for `--shard` and `--state`; files by their names in the input folder. */
  readonly arguments: readonly string[];
  /** Names of the input files. */
  readonly files: readonly string[];
  readonly threads: number;
}

/** A Kubernetes Indexed Job, one pod per shard; every pod writes its state into a shared volume. */
export function writeKubernetesJob({
  shards,
  image,
  arguments: args,
  files,
  threads,
}: SweepShards): string {
  const from = files.map((file) => printable(quoteShell(`--from-file=${file}`))).join(" ");
  const command = [
    "cd /input && shard=`expr $JOB_COMPLETION_INDEX + 1` && exec helix-place",
    ...args.map(quoteShell),
    `--shard $shard/${shards} --state /output/shard-$shard.json`,
  ].join(" ");
  return `# kubectl create configmap helix-place-sweep ${from}
# A PersistentVolumeClaim "helix-place-sweep" (ReadWriteMany) takes the results; a pod that is
# started again goes on where it was. Afterwards: helix-place what-if … --merge shard-*.json
apiVersion: batch/v1
kind: Job
metadata:
  name: helix-place-sweep
spec:
  completionMode: Indexed
  completions: ${shards}
  parallelism: ${shards}
  backoffLimit: ${2 * shards}
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: sweep
          image: ${JSON.stringify(image)}
          command: ["sh", "-c"]
          args:
            - ${JSON.stringify(command)}
          resources:
            requests:
              cpu: ${JSON.stringify(String(threads))}
              memory: "${threads + 1}Gi"
          volumeMounts:
            - name: input
              mountPath: /input
            - name: output
              mountPath: /output
      volumes:
        - name: input
          configMap:
            name: helix-place-sweep
        - name: output
          persistentVolumeClaim:
            claimName: helix-place-sweep
`;
}

/** A Slurm array script, one task per shard; results lie in the folder it was submitted from. */
export function writeSlurmScript({ shards, arguments: args, threads }: SweepShards): string {
  return `#!/bin/sh
#SBATCH --job-name=helix-place-sweep
#SBATCH --array=1-${shards}
#SBATCH --cpus-per-task=${threads}
#SBATCH --requeue
# Submit it where the input files are; a task that is started again goes on where it was.
# Afterwards: helix-place what-if … --merge shard-*.json
exec helix-place ${args.map(quoteShell).join(" ")} \\
  --shard "$SLURM_ARRAY_TASK_ID/${shards}" \\
  --state "shard-$SLURM_ARRAY_TASK_ID.json"
`;
}
