// A field with suggestions for the name of a network: the combobox of the ARIA Authoring Practices, with a list.
import { useId, useState } from "preact/hooks";
import type { Network } from "./catalogue_data";

/** The most suggestions that are shown at once. */
const SHOWN = 50;

/** Names that an entry fits: without case and separators; those that begin with it come first. */
export function suggestions(rows: readonly Network[], entry: string): Network[] {
  const plain = (text: string) => text.toLowerCase().replace(/[\s._-]/g, "");
  const words = entry.toLowerCase().split(/\s+/).map(plain).filter(Boolean);
  const fits = rows.filter((row) => {
    const text = plain(`${row.name} ${row.label}`);
    return words.every((word) => text.includes(word));
  });
  const whole = plain(entry);
  const rank = (row: Network) => {
    const names = [plain(row.name), plain(row.label)];
    if (names.includes(whole)) return 0;
    return names.some((name) => name.startsWith(whole)) ? 1 : 2;
  };
  return fits.map((row) => ({ row, rank: rank(row) })).sort((a, b) => a.rank - b.rank).map(({ row }) => row);
}

interface PickerProps {
  label: string;
  /** The name that is chosen; empty for a field that adds one. */
  value: string;
  rows: readonly Network[];
  pick: (name: string) => void;
  /** Called when the names are needed. */
  begin: () => void;
}

export function Picker({ label, value, rows, pick, begin }: PickerProps) {
  const id = useId();
  const [entry, setEntry] = useState<string | null>(null);
  const [at, setAt] = useState(-1);
  const open = entry !== null;
  const all = open ? suggestions(rows, entry === value ? "" : entry) : [];
  const shown = all.slice(0, SHOWN);
  const close = () => {
    setEntry(null);
    setAt(-1);
  };
  const choose = (row: Network | undefined) => {
    if (!row) return;
    close();
    pick(row.name);
  };
  const move = (to: number) => {
    begin();
    setEntry(entry ?? value);
    setAt(shown.length ? (to + shown.length) % shown.length : -1);
    document.getElementById(`${id}-${(to + shown.length) % shown.length}`)?.scrollIntoView({ block: "nearest" });
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(open ? at + 1 : 0),
    ArrowUp: () => move(open ? (at < 0 ? -1 : at - 1) : -1),
    Escape: close,
    Enter: () => choose(shown[at < 0 ? 0 : at]),
  };
  return (
    <div class="picker">
      <label>
        {label}
        <input
          type="text"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && at >= 0 ? `${id}-${at}` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={value ? "" : "name"}
          value={entry ?? value}
          onFocus={(event) => {
            begin();
            event.currentTarget.select();
          }}
          onClick={(event) => setEntry(entry ?? event.currentTarget.value)}
          onInput={(event) => {
            begin();
            setEntry(event.currentTarget.value);
            setAt(-1);
          }}
          onKeyDown={(event) => {
            const act = keys[event.key];
            if (!act || (event.key === "Enter" && !open)) return;
            event.preventDefault();
            act();
          }}
          onBlur={close}
        />
      </label>
      <ul id={`${id}-list`} role="listbox" aria-label={label} hidden={!open || !all.length}>
        {shown.map((row, place) => (
          <li
            key={row.name}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === at}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(row);
            }}
          >
            {row.label} <code>{row.name}</code> <small>{row.values.year}</small>
          </li>
        ))}
      </ul>
      <p class="hidden" role="status">
        {open && (all.length ? `${all.length} networks` : rows.length ? "no network is called so" : "")}
      </p>
      {open && rows.length > 0 && !all.length && <p class="nothing">no network is called so</p>}
    </div>
  );
}
