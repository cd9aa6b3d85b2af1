// The picture of a network: its blocks, which open at a click, or its feature maps to scale.
import { useEffect, useRef, useState } from "preact/hooks";
import { Choice } from "./controls";
import { ask } from "./engine";
import { allOpen, type PictureData } from "./fold";
import { rootOf } from "./frame";
import { GraphPicture } from "./graph_picture";
import type { Asked, Live } from "./live";
import type { Cost } from "./picture_words";
import { requestOf } from "./state";
import { VolumePicture } from "./volume_picture";

export interface PictureProps {
  live: Live;
  asked: Asked;
}

const VIEWS = { graph: "blocks and layers", volume: "feature maps to scale" };
type View = keyof typeof VIEWS;
/** The most boxes of a picture: more are laid out too slowly, and nobody reads them. */
const MOST = 260;

export function Picture({ live, asked }: PictureProps) {
  const section = useRef<HTMLElement>(null);
  const view: View = live.state.view === "volume" ? "volume" : "graph";
  return (
    <section class="picture" ref={section} aria-label="Picture">
      {view === "graph" ? (
        <Graph live={live} asked={asked} section={section} />
      ) : (
        <VolumePicture live={live} asked={asked} tools={<Tools live={live} view={view} />} section={section} />
      )}
    </section>
  );
}

function Tools({ live, view }: { live: Live; view: View }) {
  return (
    <Choice
      label="picture of"
      value={VIEWS[view]}
      options={Object.values(VIEWS)}
      pick={(chosen) => live.change({ view: chosen === VIEWS.volume ? "volume" : undefined })}
    />
  );
}

function Graph({ live, asked, section }: PictureProps & { section: { current: HTMLElement | null } }) {
  const { data, behind, problem } = usePicture(live, asked);
  const [cost, setCost] = useState<Cost>("mult_adds");
  const [spread, setSpread] = useState<ReadonlySet<string>>(new Set());
  if (!data) return <div class="picture-view">{problem && <p class="problem">{problem}</p>}</div>;
  const open = openOf(data, live.state.open);
  const change = (next: ReadonlySet<string>) => live.change({ open: writtenOpen(data, next) });
  const hasBlocks = data.rows.some(([name]) => name.includes("."));
  const many = data.rows.length > MOST;
  const costs: Record<Cost, string> = { mult_adds: "mult-adds", params: "parameters", activations: "activations" };
  return (
    <GraphPicture
      live={live}
      data={data}
      open={open}
      spread={spread}
      change={change}
      setSpread={setSpread}
      cost={cost}
      behind={behind || live.behind}
      section={section}
      most={MOST}
      tools={
        <>
          <Tools live={live} view="graph" />
          <Choice
            label="in boxes"
            value={costs[cost]}
            options={Object.values(costs)}
            pick={(chosen) => setCost(Object.keys(costs).find((key) => costs[key as Cost] === chosen) as Cost)}
          />
          {hasBlocks && (
            <span class="buttons">
              <button type="button" onClick={() => change(new Set())}>
                fold all
              </button>
              <button type="button" onClick={() => change(new Set(data.open))}>
                as at first
              </button>
              <button
                type="button"
                onClick={() => change(allOpen(data))}
                disabled={many}
                title={many ? `Its ${data.rows.length} layers are too many for one picture; open single blocks.` : undefined}
              >
                unfold all
              </button>
            </span>
          )}
        </>
      }
    />
  );
}

/** Begins a list of all blocks that are open. */
const NONE = "none";

/** The blocks that are open: those at first, with those that the address adds and without those with `-` before. */
function openOf(data: PictureData, given: string | undefined): ReadonlySet<string> {
  const open = new Set(given?.startsWith(NONE) ? [] : data.open);
  for (const each of given?.split(",") ?? []) {
    const path = uncoded(each.replace(/^-/, ""));
    if (each.startsWith("-")) open.delete(path);
    else if (each !== NONE) open.add(path);
  }
  return open;
}

/** The shorter of two lists: what is open, or what differs from how it is at first. Nothing for the blocks at first. */
function writtenOpen(data: PictureData, open: ReadonlySet<string>): string | undefined {
  const added = [...open].filter((path) => !data.open.includes(path)).map(coded);
  const left = data.open.filter((path) => !open.has(path)).map((path) => `-${coded(path)}`);
  const changes = [...left, ...added].join(",");
  const all = [NONE, ...[...open].map(coded)].join(",");
  return (all.length < changes.length ? all : changes) || undefined;
}

function coded(path: string): string {
  return path.replaceAll("%", "%25").replaceAll(",", "%2C");
}

function uncoded(text: string): string {
  return text.replaceAll("%2C", ",").replaceAll("%25", "%");
}

/** The data of the picture: those of the build, or those of the engine where the page has other layers. */
function usePicture(live: Live, asked: Asked) {
  const [data, setData] = useState<PictureData | null>(null);
  const [made, setMade] = useState("");
  const [problem, setProblem] = useState("");
  const layers = live.page.levels.layer!;
  const wanted = JSON.stringify([live.page.settings, layers.map((row) => row.name)]);
  useEffect(() => {
    if (made === wanted) return;
    let waits = true;
    const known = "name" in asked && !live.page.settings.length;
    const answer: Promise<PictureData> = known ? stored(asked.name) : answered(live, asked);
    answer
      .then((found) => (known && !fits(found, layers) ? answered(live, asked) : found))
      .then((found) => {
        if (!waits) return;
        setData(found);
        setMade(wanted);
        setProblem("");
      })
      .catch((error: unknown) => waits && setProblem(error instanceof Error ? error.message : String(error)));
    return () => {
      waits = false;
    };
  }, [wanted]);
  return { data, behind: made !== wanted, problem };
}

function fits(data: PictureData, layers: { name: string }[]): boolean {
  return data.rows.length === layers.length && layers.every((row, place) => data.rows[place]![0] === row.name);
}

async function stored(name: string): Promise<PictureData> {
  const answer = await fetch(`${rootOf()}data/pictures/${name}.json`);
  if (!answer.ok) throw new Error(`the picture of ${name} is not there (${answer.status})`);
  return answer.json() as Promise<PictureData>;
}

function answered(live: Live, asked: Asked): Promise<PictureData> {
  return ask<PictureData>("picture", { ...asked, ...requestOf(live.page, live.state), convention: undefined });
}
