// A derivation as words and mathematics: see archcalc/present/derivation_blocks.py for the data.
import { Formula } from "./math";

export interface LetterBlock {
  latex: string;
  text: string;
  value: string;
  means: string;
}

export type Block =
  | { kind: "heading" | "words"; text: string }
  | { kind: "equation"; latex: string; text: string[] }
  | { kind: "brief"; latex: string; text: string; words: string }
  | { kind: "legend"; letters: LetterBlock[] }
  | { kind: "listing"; columns: string[]; numbers: boolean[]; rows: string[][] };

export interface Answer {
  title: string;
  blocks: Block[];
  result: string;
  documents: string[];
  value: unknown;
  unit: string;
}

export function Blocks({ answer }: { answer: Answer }) {
  return (
    <>
      {steps(answer.blocks).map(([first, ...rest], place) =>
        first!.kind === "equation" ? (
          <div class="step" key={place}>
            <BlockView block={first!} />
            <div>
              {rest.map((block, line) => (
                <BlockView key={line} block={block} />
              ))}
            </div>
          </div>
        ) : (
          <BlockView key={place} block={first!} />
        ),
      )}
      <p class="result">{`Result: ${answer.result}`}</p>
      {answer.documents.length > 0 && <p class="remark">{answer.documents.join(" ")}</p>}
    </>
  );
}

/** The blocks, with each equation the legend and the words that belong to it. */
export function steps(blocks: Block[]): Block[][] {
  const found: Block[][] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (last?.[0]!.kind === "equation" && (block.kind === "legend" || block.kind === "words")) last.push(block);
    else found.push([block]);
  }
  return found;
}

interface BlockProps {
  block: Block;
  /** What sets a formula: KaTeX, or text alone. */
  Formula?: Formulas;
  /** The element of a heading: an answer within a list of questions has none of the page's outline. */
  Heading?: "h3" | "p";
}

export type Formulas = typeof Formula;

/** A formula as text, which loads nothing. */
export const PlainFormula: Formulas = ({ text, display }) => (display ? <pre>{text}</pre> : <code>{text}</code>);

export function BlockView({ block, Formula: Set = Formula, Heading = "h3" }: BlockProps) {
  switch (block.kind) {
    case "heading":
      return <Heading class="op">{block.text}</Heading>;
    case "words":
      return <p>{block.text}</p>;
    case "equation":
      return <Set display latex={block.latex} text={block.text.join("\n")} />;
    case "brief":
      return (
        <p>
          <Set latex={block.latex} text={block.text} /> ({block.words})
        </p>
      );
    case "legend":
      return <Legend letters={block.letters} Formula={Set} />;
    case "listing":
      return <Listing {...block} />;
  }
}

function Legend({ letters, Formula: Set }: { letters: LetterBlock[]; Formula: Formulas }) {
  return (
    <p class="legend">
      with{" "}
      {letters.map((each, place) => (
        <span key={place}>
          {place > 0 && ", "}
          <Set latex={each.latex} text={each.value ? `${each.text} = ${each.value}` : each.text} />
          {each.value ? ` (${each.means})` : ` ${each.means}`}
        </span>
      ))}
    </p>
  );
}

function Listing({ columns, numbers, rows }: { columns: string[]; numbers: boolean[]; rows: string[][] }) {
  const side = (place: number) => (numbers[place] ? "right" : undefined);
  return (
    <div class="terms" tabIndex={0} role="group" aria-label="The terms of the sum">
      <table>
        <thead>
          <tr>
            {columns.map((name, place) => (
              <th key={place} scope="col" class={side(place)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, place) => (
                <td key={place} class={side(place)}>
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
