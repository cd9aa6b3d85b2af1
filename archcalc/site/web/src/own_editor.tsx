// A field for text with the numbers of its lines. Tab leaves it, as it leaves every field of a form.
import { useLayoutEffect, useRef } from "preact/hooks";

interface EditorProps {
  text: string;
  change: (text: string) => void;
  /** The line at fault, from 1; 0 for none. */
  line: number;
  /** The id of the sentence about it. */
  problem: string | undefined;
}

export function Editor({ text, change, line, problem }: EditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const count = text.split("\n").length;
  const follow = () => {
    if (!field.current) return;
    const { scrollTop } = field.current;
    numbers.current!.scrollTop = scrollTop;
    mark.current!.style.transform = `translateY(${-scrollTop}px)`;
  };
  useLayoutEffect(follow, [text, line]);
  return (
    <div class="editor">
      <div class="numbers" aria-hidden="true" ref={numbers}>
        <pre>{lines(count, line)}</pre>
      </div>
      <div class="written">
        <div class="mark" ref={mark} hidden={!line} style={{ "--line": line - 1 }} />
        <textarea
          ref={field}
          id="layers"
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
          onScroll={follow}
         
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          rows={18}
          aria-label="Layer list"
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? "editor-hint" : `${problem} editor-hint`}
        />
      </div>
    </div>
  );
}

/** The numbers of the lines; an arrow, not colour alone, points to the line at fault. */
function lines(count: number, fault: number): string {
  const numbers = Array.from({ length: count }, (_, at) => (at + 1 === fault ? `▸${at + 1}` : String(at + 1)));
  return numbers.join("\n");
}

/** Put the caret of the editor at the beginning of a line. */
export function goTo(line: number): void {
  const field = document.querySelector<HTMLTextAreaElement>("textarea#layers")!;
  const before = field.value.split("\n").slice(0, line - 1);
  const begin = before.reduce((sum, each) => sum + each.length + 1, 0);
  const end = field.value.indexOf("\n", begin);
  field.focus();
  field.setSelectionRange(begin, end < 0 ? field.value.length : end);
  field.scrollTop = Math.max(0, (field.scrollHeight / field.value.split("\n").length) * (line - 4));
}
