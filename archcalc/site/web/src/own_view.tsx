// A reader's own network: an editor and files, and below them the view of every network.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import { engine, type EngineReport } from "./engine";
import { human } from "./format";
import { NetworkView, type NetworkData } from "./network_view";
import { Beside } from "./own_beside";
import { Editor, goTo } from "./own_editor";
import { readingOf } from "./own_files";
import { useReading, type Source } from "./own_reading";
import { Reference, type ReferenceData } from "./own_reference";
import { formOf, lineOf, linked, linkOf, LONGEST_LINK } from "./own_text";
import { readState } from "./state";
import { Tape } from "./tape";

export interface Example {
  key: string;
  title: string;
  summary: string;
  text: string;
}

export interface OwnData extends ReferenceData {
  /** The first example's network. */
  first: NetworkData;
  examples: Example[];
  suffixes: Record<string, string>;
}

export function OwnView({ data }: { data: OwnData }) {
  const [source, setSource] = useState<Source>({ text: data.examples[0]!.text, example: data.examples[0]!.key });
  const [fresh, setFresh] = useState(0);
  const [refused, setRefused] = useState("");
  const reading = useReading(source, fresh, data.first);
  const problem = refused || reading.problem?.message || "";
  const text = "text" in source ? source.text : null;
  const line = text === null || refused || !problem ? 0 : lineOf(problem, text, reading.problem?.about);

  /** Begin with another network: sizes and settings of the one before are not meant for it. */
  const choose = (chosen: Source, search = "") => {
    history.replaceState(null, "", location.pathname + search + location.hash);
    setRefused("");
    setSource(chosen);
    setFresh((before) => before + 1);
  };
  const type = (typed: string) => {
    setRefused("");
    setSource(sourceOf(typed, data.examples));
  };
  const open = async (file: File) => {
    const how = readingOf(file.name, file.size, Object.keys(data.suffixes));
    if (how.as === "none") setRefused(how.message);
    else choose(how.as === "file" ? { file } : sourceOf(await file.text(), data.examples));
  };
  useOpening(data.examples, choose, setRefused);
  const link = useLink(source, data.examples[0]!.key);
  const dragged = useDrop((file) => void open(file));

  return (
    <>
      <h1>Your own network</h1>
      <p class="subtitle">
        Write its layers, or open a file: archcalc reads it in this browser. <strong>Nothing leaves your machine.</strong>
      </p>
      <div class={dragged ? "own dragged" : "own"}>
        <section class="source" aria-label="The network">
          <Toolbar data={data} source={source} choose={choose} open={(file) => void open(file)} />
          {"file" in source ? (
            <FileCard file={source.file} leave={() => choose(exampleSource(data.examples[0]!))} />
          ) : (
            <Editor text={source.text} change={type} line={line} problem={problem ? "own-problem" : undefined} />
          )}
          <Status reading={reading.working} problem={problem} line={line} source={source} page={reading.data.page} />
          <p class="remark" id="editor-hint">
            {text === null ? "" : `Read as ${formOf(text).label}. Tab leaves the editor.`}
          </p>
          <Link link={link} source={source} />
          <Beside page={reading.data.page} />
        </section>
        <Reference keys={data.keys} words={data.words} />
      </div>
      <div class={problem || reading.working ? "stale" : ""} aria-busy={reading.working} id="result">
        <NetworkView
          key={reading.generation}
          data={reading.data}
          asked={reading.asked}
          begun={() => (opens(reading.generation) ? { values: {}, settings: {} } : readState(reading.data.page, location.search))}
        />
      </div>
    </>
  );
}

/** True for the network that the page begins with if the address asks for another, whose settings it has. */
function opens(generation: number): boolean {
  return generation === 0 && location.hash !== "";
}

function exampleSource({ text, key }: Example): Source {
  return { text, example: key };
}

/** The source of a text: the page of an example is there already. */
function sourceOf(text: string, examples: Example[]): Source {
  const example = examples.find((each) => each.text === text);
  return example ? exampleSource(example) : { text };
}

/** Open what the address asks for, now and when it changes. */
function useOpening(examples: Example[], choose: (source: Source, search?: string) => void, refuse: (sentence: string) => void) {
  useEffect(() => {
    const follow = async () => {
      const { search } = location;
      try {
        const asked = await linked(location.hash);
        if (asked && "text" in asked) choose(sourceOf(asked.text, examples), search);
        const example = asked && "example" in asked ? examples.find((each) => each.key === asked.example) : undefined;
        if (example) choose(exampleSource(example), search);
        else if (asked && "example" in asked) refuse(`there is no example ${asked.example}`);
      } catch (error) {
        refuse((error as Error).message);
      }
    };
    const again = () => void follow();
    again();
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
}

/** Whether the address of the page is a link to the network; it is kept so. */
function useLink(source: Source, first: string): "link" | "long" | "file" {
  const [state, setState] = useState<"link" | "long" | "file">("link");
  const [begun, begin] = useState(false);
  useEffect(() => {
    if (!begun) {
      begin(true); // the address is read before it is written
      return;
    }
    let waiting = true;
    const put = (hash: string) => history.replaceState(null, "", location.pathname + location.search + hash);
    const write = async () => {
      if ("file" in source) return [put(""), setState("file")];
      if (source.example) return [put(source.example === first ? "" : `#example=${source.example}`), setState("link")];
      const hash = await linkOf(source.text);
      return waiting && [put(hash ?? ""), setState(hash === null ? "long" : "link")];
    };
    const timer = setTimeout(() => void write(), 300);
    return () => {
      waiting = false;
      clearTimeout(timer);
    };
  }, [source]);
  return state;
}

/** A file that is dropped anywhere on the page is opened; returns true while one is dragged over it. */
function useDrop(open: (file: File) => void): boolean {
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDragged(event.type === "dragover");
      const file = event.type === "drop" ? event.dataTransfer.files[0] : undefined;
      if (file) open(file);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragged(false);
    };
    addEventListener("dragover", over);
    addEventListener("drop", over);
    addEventListener("dragleave", leave);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", over);
      removeEventListener("dragleave", leave);
    };
  });
  return dragged;
}

interface ToolbarProps {
  data: OwnData;
  source: Source;
  choose: (source: Source) => void;
  open: (file: File) => void;
}

function Toolbar({ data, source, choose, open }: ToolbarProps) {
  const example = "example" in source ? source.example : "";
  return (
    <div class="toolbar">
      <label>
        begin with
        <select
          name="example"
          value={example}
          onChange={(event) => {
            const chosen = data.examples.find((each) => each.key === event.currentTarget.value);
            if (chosen) choose(exampleSource(chosen));
          }}
        >
          <option value="" disabled>
            your own
          </option>
          {data.examples.map((each) => (
            <option key={each.key} value={each.key}>
              {each.title}
            </option>
          ))}
        </select>
      </label>
      <label>
        or open a file, or drop it on the page
        <input
          type="file"
          name="file"
          accept={Object.keys(data.suffixes).join(",")}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) open(file);
            event.currentTarget.value = ""; // so that the same file, changed, can be opened again
          }}
        />
      </label>
    </div>
  );
}

function FileCard({ file, leave }: { file: File; leave: () => void }) {
  return (
    <div class="file">
      <p>
        <strong>{file.name}</strong>, {(file.size / 1e6).toLocaleString("en", { maximumFractionDigits: 2 })} MB, is read in
        this browser: the graph of its layers, without the weights.
      </p>
      <button type="button" onClick={leave}>
        Close the file and write a layer list
      </button>
    </div>
  );
}

interface StatusProps {
  reading: boolean;
  problem: string;
  line: number;
  source: Source;
  page: NetworkPage;
}

/** What is wrong, what is being done, or what came of it. */
function Status({ reading, problem, line, source, page }: StatusProps) {
  const [report, setReport] = useState<EngineReport | null>(null);
  useEffect(() => engine.subscribe((now) => setReport(now)), []);
  const loads = reading && report?.state === "loading";
  return (
    <div class="own-status" role="status">
      {problem && (
        <p class="problem" id="own-problem">
          {problem}{" "}
          {line > 0 && (
            <button type="button" onClick={() => goTo(line)}>
              Go to line {line}
            </button>
          )}
        </p>
      )}
      {!problem && !loads && <Glance page={page} behind={reading} />}
      {loads && (
        <p class="remark">
          <label>
            Loading archcalc into the browser, once
            <progress {...(report.total ? { value: report.loaded, max: report.total } : {})} />
          </label>
        </p>
      )}
      {reading && !loads && "file" in source && (
        <p class="remark">
          Reading {source.file.name}…{" "}
          <button type="button" onClick={() => engine.stop()}>
            Stop
          </button>
        </p>
      )}
    </div>
  );
}

/** The totals of a network at its own input, beside the text that they change with. */
function Glance({ page, behind }: { page: NetworkPage; behind: boolean }) {
  const values = useMemo(() => new Tape(page.tape).run({})!, [page]);
  const of = (key: string) => human(values.of(page.totals[key] ?? 0));
  return (
    <p class={behind ? "glance stale" : "glance"}>
      <strong>{page.name}</strong>: <strong>{of("params")}</strong> parameters, <strong>{of("mult_adds")}</strong> mult-adds,{" "}
      <strong>{of("activation_sum")}</strong> activations, <strong>{of("weight_layers")}</strong> {of("weight_layers") === "1" ? "layer" : "layers"} with weights
    </p>
  );
}

const SENTENCES = {
  link: "The address of this page is a link to this network: it holds the whole text, and no server has it.",
  long: `The text is too long for a link (more than ${LONGEST_LINK.toLocaleString("en")} characters, compressed): download it instead.`,
  file: "A file is not part of a link: it is open until you leave the page.",
};

function Link({ link, source }: { link: keyof typeof SENTENCES; source: Source }) {
  const [copied, setCopied] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(location.href).then(
      () => setCopied("copied"),
      () => setCopied("the browser did not allow it: copy the address"),
    );
  return (
    <div class="link">
      <div class="toolbar">
        {link === "link" && (
          <button type="button" onClick={() => void copy()}>
            Copy the link
          </button>
        )}
        {"text" in source && (
          <button type="button" onClick={() => download(source.text)}>
            Download {formOf(source.text).file}
          </button>
        )}
        <span role="status">{copied}</span>
      </div>
      <p class="remark">{SENTENCES[link]}</p>
    </div>
  );
}

function download(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
  link.download = formOf(text).file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

