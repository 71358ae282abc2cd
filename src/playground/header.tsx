import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { Examples } from "./examples.js";
import type { HistoryOnPage } from "./use-history.js";

/** Name, examples, and what concerns the page as a whole. */
export function Header(props: {
  readonly examples: Examples;
  readonly history: Pick<HistoryOnPage<unknown>, "travel" | "can">;
  /** Of the cluster on the page. */
  readonly name: string;
  readonly onOpen: (file: ClusterFile) => void;
  readonly onPin: () => void;
}): JSX.Element {
  const { examples, history, name, onOpen, onPin } = props;
  const [said, setSaid] = useState("");
  const names = examples.clusters.map((cluster) => cluster.name);
  const share = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      setSaid(`The link is on the clipboard. ${whoCanOpen(location.hostname)}`);
    } catch {
      setSaid("Copy the address of this page: it holds everything you see.");
    }
  };
  return (
    <header>
      <h1>helix-place</h1>
      <label>
        Cluster{" "}
        <select
          value={name}
          onChange={({ currentTarget }) => {
            const chosen = examples.clusters.find(
              (cluster) => cluster.name === currentTarget.value,
            );
            if (chosen !== undefined) onOpen(chosen);
          }}
        >
          {names.includes(name) ? null : <option value={name}>{name}</option>}
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <div class="buttons">
        <button type="button" disabled={!history.can(-1)} onClick={() => history.travel(-1)}>
          Undo
        </button>
        <button type="button" disabled={!history.can(1)} onClick={() => history.travel(1)}>
          Redo
        </button>
        <button
          type="button"
          onClick={() => {
            onPin();
            setSaid("What you change from here on is compared with this plan.");
          }}
        >
          Compare from here
        </button>
        <button type="button" onClick={() => void share()}>
          Copy link
        </button>
        <span role="status" class="note">
          {said}
        </span>
      </div>
    </header>
  );
}

/** A page of one's own machine is no address for others. */
function whoCanOpen(host: string): string {
  return ["127.0.0.1", "localhost", "[::1]"].includes(host)
    ? "It opens on this machine alone, while helix-place runs here. For others: send the report (Take away), or what stands behind the # to somebody who has this page open, too."
    : "";
}
