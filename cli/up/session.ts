import { dirname, resolve } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import type { Terminal } from '../command.ts';
import { type ImageManifest, readImages } from '../manifests/images.ts';
import { formatProblem, type Problem, sortProblems } from '../manifests/problem.ts';
import { readPath } from '../readPath.ts';
import type { Board } from './board.ts';
import type { HookReports } from './hookReports.ts';
import { type ImageView, isSettled, viewOf } from './imageView.ts';
import { type Applied, imagesToRemove, keyOf } from './plan.ts';
import type { StandIn } from './standIn.ts';

/** The annotation that says from which file an image was applied. */
const fileAnnotation = 'niximage.local/file';

/** Applies the files of the command line, as often as they change, and shows what comes of them. */
export class Session {
  readonly #standIn: StandIn;
  readonly #board: Board;
  readonly #words: readonly string[];
  readonly #terminal: Terminal;
  /** Files that were there at one time: when such a one is missing it was removed, which is no problem. */
  readonly #seen = new Set<string>();
  #problems: readonly Problem[] = [];
  #told: ReadonlySet<string> = new Set();
  #wanted: ReadonlySet<string> = new Set();
  #last: Promise<void> = Promise.resolve();
  #shown: (views: readonly ImageView[]) => void = () => {};

  constructor(standIn: StandIn, board: Board, words: readonly string[], terminal: Terminal) {
    this.#standIn = standIn;
    this.#board = board;
    this.#words = words;
    this.#terminal = terminal;
  }

  /** Reads the files, applies what changed, and removes what they no longer hold. One call at a time does its work. */
  load(): Promise<void> {
    return this.#inTurn(() => this.#load());
  }

  /** Shows the images as they are now. */
  show(): Promise<void> {
    return this.#inTurn(() => this.#show());
  }

  /**
   * @returns once every image of the files is settled, or one of them is given up: 0 where all are Built and every
   * file was good, else 1.
   */
  async outcome(reports: Pick<HookReports, 'givenUp'>): Promise<number> {
    const { promise, resolve: settle } = Promise.withResolvers<readonly ImageView[]>();
    this.#shown = (views) => {
      const wanted = views.filter((view) => this.#wanted.has(keyOf(view)));
      const open = wanted.filter((view) => !isSettled(view));
      if (wanted.length === this.#wanted.size && open.length === 0) return settle(wanted);
      const lost = open.map(keyOf).find((image) => reports.givenUp(image) !== undefined);
      if (lost === undefined) return;
      this.#board.say(
        `${lost} is given up after nothing but errors (--give-up-after says for how long); the last: ${reports.givenUp(lost)}`,
      );
      settle(open);
    };
    await this.show();
    const views = await promise;
    return this.#problems.length === 0 && views.every(({ outcome }) => outcome.kind === 'Built') ? 0 : 1;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.#last;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      await work();
    } finally {
      done();
    }
  }

  async #load(): Promise<void> {
    const { images, problems } = await readImages(this.#words, this.#terminal);
    this.#problems = problems.filter(({ file, missing }) => missing !== true || !this.#seen.has(file));
    this.#tell();
    for (const image of images) {
      this.#seen.add(image.file);
      await this.#apply(image);
    }
    const wanted = images.map(({ image }) => image);
    const existing = (await this.#standIn.images()).map(appliedOf);
    const bad = this.#problems.map(({ file }) => ({ file: this.#absolute(file) }));
    for (const { namespace, name } of imagesToRemove(existing, wanted, bad, (file) => this.#inScope(file)))
      await this.#standIn.remove(namespace, name);
    this.#wanted = new Set(wanted.map(keyOf));
    await this.#show();
  }

  async #apply({ file, value, image }: ImageManifest): Promise<void> {
    const metadata = value['metadata'];
    const known = typeof metadata === 'object' && metadata !== null ? metadata : {};
    const annotations = { ...annotationsOf(value), [fileAnnotation]: this.#absolute(file) };
    // With the defaults that an API server would store.
    await this.#standIn.apply({ ...value, data: image.data, metadata: { ...known, annotations } });
  }

  /** Each problem is told once while it lasts. */
  #tell(): void {
    const lines = sortProblems(this.#problems).map(formatProblem);
    for (const line of lines) if (!this.#told.has(line)) this.#board.say(line);
    this.#told = new Set(lines);
  }

  async #show(): Promise<void> {
    try {
      const views = (await this.#standIn.images()).map(viewOf);
      await this.#board.show(views);
      this.#shown(views);
    } catch (error) {
      this.#board.say(`the images cannot be listed: ${messageOf(error)}`);
    }
  }

  #absolute(file: string): string {
    return resolve(this.#terminal.cwd, file);
  }

  /** Whether a file is one of those that the command line names, itself or by its folder. */
  #inScope(file: string): boolean {
    return this.#words.some((word) => [file, dirname(file)].includes(this.#absolute(word)));
  }
}

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> {
  const found = readPath(object, '.metadata.annotations');
  // Annotations are a map of text; the schema has been checked.
  return typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>) : {};
}

function appliedOf(object: unknown): Applied {
  const { namespace, name } = viewOf(object);
  const file = annotationsOf(object)[fileAnnotation];
  return { namespace, name, file: typeof file === 'string' ? file : undefined };
}
