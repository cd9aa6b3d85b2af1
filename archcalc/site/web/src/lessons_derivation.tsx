// A derivation in the order of `archcalc why`: formula, values, steps, source. The answer stands above it.
import { type Block, BlockView, PlainFormula } from "./derivation_blocks";
import { Formula } from "./math";

interface DerivationProps {
  blocks: Block[];
  /** True while formulas are not set by KaTeX, but stand as text. */
  isPlain: boolean;
}

export function LessonDerivation({ blocks, isPlain }: DerivationProps) {
  return (
    <div class="worked">
      {blocks.map((block, place) => (
        <BlockView key={place} block={block} Formula={isPlain ? PlainFormula : Formula} Heading="p" />
      ))}
    </div>
  );
}
