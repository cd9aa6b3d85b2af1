// The words of a layer list, beside the editor.
import { useState } from "preact/hooks";

export interface WordField {
  name: string;
  meaning: string;
  examples: string[];
  sign: string;
  default: string;
  needed: boolean;
  switch: boolean;
  /** It is only written with its name, not in its place. */
  named: boolean;
}

export interface Word {
  word: string;
  spellings: string[];
  topic: string;
  about: string;
  inputs: string;
  fields: WordField[];
  meaning: string;
}

export interface ReferenceData {
  keys: { name: string; meaning: string }[];
  words: Word[];
}

const LINES: [string, string][] = [
  ["label: layer, layer, …", "layers that follow each other; a convolution with the norm and activation after it is one row"],
  ["layer < a, b", "the inputs of a line, by the labels of lines before it; without it, a line continues the one before"],
  ["conv 64 7x7/2 p3 d2 g32", "kernel, stride, padding, dilation and groups, as in the table"],
  ["conv 64 kernel=3 nobias", "fields by their names; a switch is set by its name and cleared with no before it"],
  ["2*width, width/4", "numbers may be sums and products of hyperparameters, without spaces"],
  ["group: basic 32 stride=2 * 3", "the block [blocks.basic], three times one after another"],
  ["# …", "a comment"],
];

export function Reference({ keys, words }: ReferenceData) {
  const [sought, seek] = useState("");
  const found = words.filter((word) => matches(word, sought.trim().toLowerCase()));
  const topics = [...new Set(found.map((word) => word.topic))];
  return (
    <section class="reference" aria-labelledby="reference-title">
      <h2 id="reference-title">What can be written</h2>
      <details>
        <summary>The file and its lines</summary>
        <dl>
          {keys.map(({ name, meaning }) => (
            <Entry key={name} code={name} meaning={meaning} />
          ))}
          <Entry code="any other" meaning="a hyperparameter: a number, true or false, which the lines use and the page can change" />
          {LINES.map(([code, meaning]) => (
            <Entry key={code} code={code} meaning={meaning} />
          ))}
        </dl>
      </details>
      <label>
        find a layer
        <input type="search" value={sought} onInput={(event) => seek(event.currentTarget.value)} />
      </label>
      <p class="remark" role="status">
        {found.length === words.length ? `${words.length} words` : `${found.length} of ${words.length} words`}
      </p>
      {/* A region that scrolls can be reached by the keyboard. */}
      <div class={sought ? "words found" : "words"} tabIndex={0} role="region" aria-label="Words for layers">
        {topics.map((topic) => {
          const own = found.filter((word) => word.topic === topic);
          return (
            <div key={topic}>
              <h3>{own[0]!.about}</h3>
              {own.map((word) => (
                <WordEntry key={word.word} word={word} />
              ))}
            </div>
          );
        })}
      </div>
    </section>
  );
}

function matches(word: Word, sought: string): boolean {
  return [word.word, ...word.spellings, word.meaning.toLowerCase()].some((text) => text.includes(sought));
}

function Entry({ code, meaning }: { code: string; meaning: string }) {
  return (
    <>
      <dt>
        <code>{code}</code>
      </dt>
      <dd>{meaning}</dd>
    </>
  );
}

function WordEntry({ word }: { word: Word }) {
  return (
    <details class="word">
      <summary>
        <code>{[word.word, ...word.spellings].join(", ")}</code>
        {word.fields.map((field) => (
          <Short key={field.name} field={field} />
        ))}
      </summary>
      <p>
        {word.meaning} {word.inputs === "1" ? "" : `Inputs: ${word.inputs}.`}
      </p>
      {word.fields.length > 0 && (
        <dl>
          {word.fields.map((field) => (
            <Entry key={field.name} code={field.name} meaning={described(field)} />
          ))}
        </dl>
      )}
    </details>
  );
}

/** A field as a line writes it, what stands for a value in italics; those that may be left out in brackets. */
function Short({ field }: { field: WordField }) {
  const literal = field.switch ? (field.default === "set" ? `no${field.name}` : field.name) : field.named && !field.sign ? `${field.name}=` : field.sign;
  const text = (
    <>
      {literal && <code>{literal}</code>}
      {!field.switch && <var>{field.named && !field.sign ? "number" : field.name}</var>}
    </>
  );
  return field.needed && field.default === "" ? <span> {text}</span> : <span> [{text}]</span>;
}

function described(field: WordField): string {
  const examples = field.examples.length ? `, such as ${field.examples.join(", ")}` : "";
  const unless = field.default ? `; ${field.default} unless given` : "";
  return field.meaning + examples + unless;
}
