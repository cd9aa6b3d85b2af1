// A derivation in the order of `archcalc why`: formula, values, steps, result, source.
import type { Block, Derivation } from "./lessons_data";
import { Mathematics, type MathematicsProps } from "./mathematics";

interface DerivationProps {
  derivation: Derivation;
  /** True while formulas are not set, but stand as text. */
  isPlain: boolean;
}

export function LessonDerivation({ derivation, isPlain }: DerivationProps) {
  const Formula = isPlain ? Plain : Mathematics;
  return (
    <div class="derivation">
      {derivation.blocks.map((block, place) => (
        <BlockView key={place} block={block} Formula={Formula} />
      ))}
    </div>
  );
}

function Plain({ text, block }: MathematicsProps) {
  return <span class={block ? "mathematics block" : "mathematics"}>{typeof text === "string" ? text : text.join("\n")}</span>;
}

function BlockView({ block, Formula }: { block: Block; Formula: typeof Mathematics }) {
  switch (block.kind) {
    case "heading":
      return <p class="step">{block.text}</p>;
    case "words":
      return <p class="remark">{block.text}</p>;
    case "equation":
      return <Formula block latex={block.latex} text={block.text} />;
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
      return (
        <div class="frame" tabIndex={0} role="region" aria-label="Terms">
          <table>
            <thead>
              <tr>
                {block.columns.map((column, place) => (
                  <th key={column} scope="col" class={block.numbers[place] ? "right" : ""}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr key={row[0]}>
                  {row.map((cell, place) => (
                    <td key={place} class={block.numbers[place] ? "right" : ""}>
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
}
