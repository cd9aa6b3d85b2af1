// The long lists of the evidence: figures with verdicts, accuracies, throughput, checks.
import type { ComponentChildren } from "preact";
import type { PrintedAccuracy, PrintedClaim, PrintedRate, ValidatedOn } from "./evidence_data";
import { digits } from "./format";

/** A table of plain cells that scrolls in its own frame. */
function List({ name, heads, children }: { name: string; heads: [string, boolean?][]; children: ComponentChildren }) {
  return (
    <div class="frame" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            {heads.map(([title, right]) => (
              <th key={title} scope="col" class={right ? "right" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

const MARKS: Record<string, string> = {
  exact: "✓",
  "within the printed digits": "≈",
  "holds under": "↷",
  contradicted: "✗",
  "not computable": "–",
  "not evaluated": "?",
};

export function Claims({ claims, documents }: { claims: PrintedClaim[]; documents: Record<string, string> }) {
  return (
    <List
      name="Figures of the lecture documents"
      heads={[["claim"], ["what"], ["printed"], ["archcalc", true], ["verdict"], ["reading or reason"], ["document, line"]]}
    >
      {claims.map((each) => (
        <tr key={each.id} data-claim={each.id}>
          <th scope="row">{each.id}</th>
          <td class="wrap">{each.what}</td>
          <td class="wrap">{each.printed}</td>
          <td class="right">{each.computed}</td>
          <td class={each.verdict === "contradicted" ? "wrong" : undefined}>
            {MARKS[each.verdict]} {each.verdict}
          </td>
          <td class="wrap">{each.words}</td>
          <td class="wrap" title={documents[each.document]}>
            {each.document}, {each.line}: <q>{each.says.trim()}</q>
          </td>
        </tr>
      ))}
    </List>
  );
}

const percent = (value: number | null) => (value === null ? "" : value.toFixed(2));

export function Accuracies({ list }: { list: PrintedAccuracy[] }) {
  return (
    <List
      name="Published accuracies"
      heads={[["data set"], ["top-1 %", true], ["top-5 %", true], ["size", true], ["evaluation"], ["recipe"], ["training"], ["source"]]}
    >
      {list.map((each, place) => (
        <tr key={place}>
          <th scope="row">{each.dataset}</th>
          <td class="right">{percent(each.top1)}</td>
          <td class="right">{percent(each.top5)}</td>
          <td class="right">{each.size ?? ""}</td>
          <td class="wrap">{[each.evaluation, each.runs].filter(Boolean).join(", ")}</td>
          <td class="wrap">{[each.recipe, each.extra_data].filter(Boolean).join(", with ")}</td>
          <td class="wrap">{each.training}</td>
          <td class="wrap">{each.address ? <a href={each.address}>{each.source}</a> : each.source}</td>
        </tr>
      ))}
    </List>
  );
}

export function Rates({ list }: { list: PrintedRate[] }) {
  return (
    <List
      name="Published throughput"
      heads={[["device"], ["images/s", true], ["size", true], ["batch", true], ["precision"], ["PyTorch"], ["model"], ["source"]]}
    >
      {list.map((each, place) => (
        <tr key={place}>
          <th scope="row">{each.device}</th>
          <td class="right">{digits(Math.round(each.images_per_second))}</td>
          <td class="right">{each.size}</td>
          <td class="right">{each.batch}</td>
          <td>{each.precision}</td>
          <td>{each.runtime}</td>
          <td>{each.model}</td>
          <td class="wrap">{each.source}</td>
        </tr>
      ))}
    </List>
  );
}

export function Checks({ records }: { records: ValidatedOn[] }) {
  return (
    <List name="Checks" heads={[["check"], ["result"], ["figures", true], ["compared with"], ["against"], ["remark"]]}>
      {records.flatMap((record) =>
        record.checks.map((each) => (
          <tr key={`${record.device} ${each.check}`}>
            <th scope="row" title={`${record.device}, ${record.date}`}>
              {each.check}
            </th>
            <td class={["differs", "failed"].includes(each.status) ? "wrong" : undefined}>{each.status}</td>
            <td class="right">{digits(each.compared)}</td>
            <td class="wrap">{each.reference}</td>
            <td class="wrap">{each.against}</td>
            <td class="wrap">{each.note}</td>
          </tr>
        )),
      )}
    </List>
  );
}
