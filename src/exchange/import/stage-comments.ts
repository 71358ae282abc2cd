/** Who runs which stage, as exported files say it themselves. */
export interface StageComment {
  readonly chain: string;
  readonly rank: number;
  readonly ranks: number;
  readonly node: string;
}

const STAGE = /^# helix-place (\S+) rank (\d+) of (\d+) layers \d+:\d+ node (".*")$/gm;

export function listStageComments(text: string): readonly StageComment[] {
  return [...text.matchAll(STAGE)].map(([, chain, rank, ranks, node]) => ({
    chain: chain!,
    rank: Number(rank),
    ranks: Number(ranks),
    node: JSON.parse(node!) as string,
  }));
}
