// Copying a table of the page that compares networks.
import { Copying, tableWays } from "./copying";
import { cellsText } from "./table_text";

interface CopyTableProps {
  caption: string;
  headings: string[];
  rows: () => string[][];
}

export function CopyTable({ caption, headings, rows }: CopyTableProps) {
  return <Copying ways={tableWays(caption, (format) => cellsText(format, headings, rows()))} />;
}
