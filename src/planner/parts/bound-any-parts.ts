import type { Cluster } from "../../core/cluster.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { groupMachines, type NodeRestrictions } from "../problem/machine-classes.js";
import { listLeftOut, listPartClasses } from "./part-groups.js";

/** The truncated compute sum of a cluster, however the cards of its machines are shared out. */
export function boundAnyParts(cluster: Cluster, restrictions: NodeRestrictions): number {
  const { layers } = cluster.model;
  if (cluster.parting === undefined)
    return truncatedSumBound(groupMachines(cluster, restrictions), layers);
  const { classes, groups } = listPartClasses(cluster, listLeftOut(cluster, restrictions.drained));
  return truncatedSumBound(classes, layers, groups);
}
