import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { InputError, type Problem } from "../core/errors.js";
import type { DroppedFile } from "./dropped-files.js";
import { Problems } from "./problems.js";
import { readDropped, type Dropped } from "./read-dropped.js";

interface Refused {
  readonly source: string;
  readonly problems: readonly Problem[];
}

/** Where files are dropped, chosen or pasted. What cannot be read says so right here. */
export function DropZone({ onRead }: { readonly onRead: (dropped: Dropped) => void }): JSX.Element {
  const [refused, setRefused] = useState<Refused>();
  const [notes, setNotes] = useState<readonly string[]>([]);
  const [over, setOver] = useState(false);
  const take = async (dropped: readonly DroppedFile[]): Promise<void> => {
    if (dropped.length === 0) return;
    try {
      const read = await readDropped(dropped);
      setRefused(undefined);
      setNotes(read.kind === "fleet" ? read.notes : []);
      onRead(read);
    } catch (error) {
      setNotes([]);
      setRefused(describeRefusal(dropped[0]!.name, error));
    }
  };
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => listenToPage((dropped) => void latest.current(dropped), setOver), []);
  return (
    <div class={over ? "drop over" : "drop"}>
      <p>
        Drop files anywhere, or paste: <code>kubectl get nodes -o json</code>,{" "}
        <code>nvidia-smi</code>, a cluster file, a model's config.json or .gguf.
      </p>
      <PasteField onPaste={(text) => void take([pasted(text)])} />
      <label class="button">
        Choose files …
        <input
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            void take(asDropped(currentTarget.files));
            currentTarget.value = "";
          }}
        />
      </label>
      {refused === undefined ? null : <Problems {...refused} />}
      {notes.length === 0 ? null : (
        <details open>
          <summary>What was assumed or left out ({notes.length})</summary>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What is pasted is read at once; what is typed, when one leaves the field. */
function PasteField({ onPaste }: { readonly onPaste: (text: string) => void }): JSX.Element {
  return (
    <textarea
      class="paste"
      rows={2}
      aria-label="Paste a fleet, a cluster file or a model here"
      placeholder="Paste here"
      spellcheck={false}
      onPaste={(event) => {
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (text.trim() === "") return;
        event.preventDefault();
        onPaste(text);
      }}
      onChange={({ currentTarget }) => {
        const text = currentTarget.value;
        currentTarget.value = "";
        if (text.trim() !== "") onPaste(text);
      }}
    />
  );
}

/** Drops and pastes anywhere on the page but in a field. Returns how to stop listening. */
function listenToPage(
  take: (dropped: readonly DroppedFile[]) => void,
  setOver: (over: boolean) => void,
): () => void {
  const isField = (target: EventTarget | null): boolean =>
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  const ending = new AbortController();
  const { signal } = ending;
  window.addEventListener(
    "dragover",
    (event) => {
      event.preventDefault();
      setOver(true);
    },
    { signal },
  );
  window.addEventListener("dragleave", () => setOver(false), { signal });
  window.addEventListener(
    "drop",
    (event) => {
      event.preventDefault();
      setOver(false);
      const text = event.dataTransfer?.getData("text/plain") ?? "";
      const files = asDropped(event.dataTransfer?.files ?? null);
      take(files.length === 0 && text !== "" ? [pasted(text)] : files);
    },
    { signal },
  );
  window.addEventListener(
    "paste",
    (event) => {
      if (isField(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const files = asDropped(event.clipboardData?.files ?? null);
      take(files.length === 0 && text !== "" ? [pasted(text)] : files);
    },
    { signal },
  );
  return () => ending.abort();
}

function asDropped(files: FileList | null): readonly DroppedFile[] {
  return [...(files ?? [])].map((file) => ({ name: file.name, content: file }));
}

function pasted(text: string): DroppedFile {
  return { name: "pasted", content: new Blob([text]) };
}

function describeRefusal(source: string, error: unknown): Refused {
  if (error instanceof InputError) return { source: error.source, problems: error.problems };
  const found = error instanceof Error ? error.message : String(error);
  const problem = { path: "", found, expected: "a file that can be read", remedy: "Try it again." };
  return { source, problems: [problem] };
}
