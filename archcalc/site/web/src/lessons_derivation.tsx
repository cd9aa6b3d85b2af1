// A derivation in the order of `archcalc why`: formula, values, steps, source. The answer stands above it.
import type { Block } from "./derivation_blocks";
import { Formula } from "./math";

interface DerivationProps {
  blocks: Block[];
  /** True while formulas are not set by KaTeX, but stand as text. */
  isPlain: boolean;
}

type Formulas = typeof Formula;

export function LessonDerivation({ blocks, isPlain }: DerivationProps) {
  return (
    <div class="worked">
      {blocks.map((block, place) => (
        <BlockView key={place} block={block} Formula={isPlain ? Plain : Formula} />
      ))}
    </div>
  );
}

const Plain: Formulas = ({ text, display }) => (display ? <pre>{text}</pre> : <code>{text}</code>);

function BlockView({ block, Formula }: { block: Block; Formula: Formulas }) {
  switch (block.kind) {
    case "heading":
      return <p class="op">{block.text}</p>;
    case "words":
      return <p class="remark">{block.text}</p>;
    case "equation":
      return <Formula display latex={block.latex} text={block.text.join("\n")} />;
    case "brief":
      return (
        <p>
          <Formula latex={block.latex} text={block.text} /> ({block.words})
        </p>
      );
    case "legend":
      return (
        <p class="remark">
          with{" "}
          {block.letters.map((letter, place) => (
            <span key={letter.text}>
              {place ? ", " : ""}
              <Formula latex={letter.latex} text={letter.value ? `${letter.text} = ${letter.value}` : letter.text} /> (
              {letter.means})
            </span>
          ))}
        </p>
      );
    case "listing":
      return <Listing {...block} />;
  }
}

/** The terms of a sum. */
function Listing({ columns, numbers, rows }: { columns: string[]; numbers: boolean[]; rows: string[][] }) {
  return (
    <div class="frame" tabIndex={0} role="group" aria-label="Terms">
      <table>
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th key={column} scope="col" class={numbers[place] ? "right" : ""}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, place) => (
                <td key={place} class={numbers[place] ? "right" : ""}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
