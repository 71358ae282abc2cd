import { useEffect, useState } from "preact/hooks";
import { beginHistory, canTravel, present, record, travel } from "./history.js";

export interface HistoryOnPage<T> {
  readonly now: T;
  readonly record: (next: T) => void;
  readonly travel: (by: -1 | 1) => void;
  readonly can: (by: -1 | 1) => boolean;
}

/** What was set, with the way back: buttons, and Ctrl+Z or ⌘Z outside of text fields. */
export function useHistory<T>(first: T): HistoryOnPage<T> {
  const [history, setHistory] = useState(() => beginHistory(first));
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || isText(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      const by = key === "y" || event.shiftKey ? 1 : -1;
      setHistory((now) => travel(now, by));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return {
    now: present(history),
    record: (next) => setHistory((now) => record(now, next)),
    travel: (by) => setHistory((now) => travel(now, by)),
    can: (by) => canTravel(history, by),
  };
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type === "text")
  );
}
