import { describeActivity } from '../../runtime/contract/progress.ts';
import type { Terminal } from '../command.ts';
import { LiveTable } from '../terminal/liveTable.ts';
import { type Paint, paintFor } from '../terminal/style.ts';
import { printable } from '../terminal/table.ts';
import { type ImageView, statusOf } from './imageView.ts';
import { keyOf } from './plan.ts';
import type { ProgressReader } from './progressReader.ts';
import { runHint } from './runHint.ts';

/** Milliseconds between two looks at what the builders are doing. */
const lookEvery = 150;

/** What a person sees of a session: the live table, and lines above it. */
export class Board {
  readonly #table: LiveTable;
  readonly #terminal: Terminal;
  readonly #progress: ProgressReader;
  readonly #paint: Paint;
  #images: readonly ImageView[] = [];
  /** What was told last of each image. */
  readonly #announced = new Map<string, string>();
  readonly #activities = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(terminal: Terminal, progress: ProgressReader) {
    this.#terminal = terminal;
    this.#progress = progress;
    this.#paint = paintFor(terminal.stdout, terminal.env);
    this.#table = new LiveTable(terminal.stdout, ['NAME', 'VERSION', 'STATUS', 'ACTIVITY']);
  }

  /** Prints one line above the table. */
  say(line: string): void {
    this.#table.say(`${line}\n`);
  }

  /** Shows these images, and announces those that became Built. */
  async show(images: readonly ImageView[]): Promise<void> {
    this.#images = images;
    this.#draw();
    this.#watchBuilders();
    for (const image of images) await this.#announce(image);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #draw(): void {
    this.#table.show(
      this.#images.map((image) => ({
        key: displayName(image),
        cells: [displayName(image), image.version, statusOf(image), this.#activityOf(image)],
      })),
    );
  }

  #activityOf(image: ImageView): string {
    const { outcome } = image;
    switch (outcome.kind) {
      case 'Waiting':
      case 'Stalled':
      case 'Failed':
        return outcome.message;
      case 'Built':
        return outcome.reference;
      case 'Building':
        return this.#activities.get(keyOf(image)) ?? '';
    }
  }

  /** Tells once what became of an image, until something else becomes of it. */
  async #announce(image: ImageView): Promise<void> {
    const text = await this.#newsOf(image);
    const before = this.#announced.get(keyOf(image));
    if (text === undefined || text === before) return;
    this.#announced.set(keyOf(image), text);
    this.say(text);
  }

  async #newsOf(image: ImageView): Promise<string | undefined> {
    const { outcome } = image;
    switch (outcome.kind) {
      case 'Waiting':
      case 'Building':
        // What comes of this is news again, also when it is what came before.
        this.#announced.delete(keyOf(image));
        return undefined;
      case 'Built': {
        const hint = await runHint(outcome.reference, this.#terminal.env);
        return `${this.#paint('green', outcome.reference)} is Built. To run it:\n    ${hint}`;
      }
      case 'Failed':
      case 'Stalled': {
        const tail = printableLines(outcome.kind === 'Failed' ? outcome.logTail : '');
        return [`${this.#paint('red', displayName(image))}: ${printable(outcome.message)}`, ...tail].join(
          '\n',
        );
      }
    }
  }

  /** Looks at the builders again and again while there are any. */
  #watchBuilders(): void {
    if (this.#closed || this.#timer !== undefined || !this.#images.some(isBuilding)) return;
    this.#timer = setTimeout(() => void this.#lookAtAll(), lookEvery);
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all(this.#images.map((image) => this.#look(image)));
    this.#timer = undefined;
    this.#draw();
    this.#watchBuilders();
  }

  async #look(image: ImageView): Promise<void> {
    if (image.outcome.kind !== 'Building' || image.outcome.pod === undefined) {
      this.#activities.delete(keyOf(image));
      return;
    }
    const activity = await this.#progress.read(image.namespace, image.name, image.outcome.pod);
    if (activity !== undefined) this.#activities.set(keyOf(image), describeActivity(activity));
  }
}

function isBuilding({ outcome }: ImageView): boolean {
  return outcome.kind === 'Building';
}

function displayName({ namespace, name }: ImageView): string {
  return namespace === 'default' ? name : `${namespace}/${name}`;
}

function printableLines(text: string): string[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => `    ${printable(line)}`);
}
