import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The part of a runtime bundle's config.json that is changed here (OCI runtime spec, config.md). */
interface BundleConfig {
  process: { terminal: boolean; args: string[] };
  linux: { namespaces: { type: string }[] };
}

/** An image unpacked to a runtime bundle. */
export class Bundle {
  readonly folder: string;
  readonly #state: string;
  #runs = 0;

  private constructor(folder: string, state: string) {
    this.folder = folder;
    this.#state = state;
  }

  /** Unpacks `layout:tag`, an OCI layout, into `folder/bundle`. Debian 12's umoci reads no zstd, so it gets gzip. */
  static async unpack(layout: string, tag: string, folder: string): Promise<Bundle> {
    const gzip = join(folder, 'gzip');
    await execa('skopeo', [
      'copy',
      '--dest-compress-format=gzip',
      `oci:${layout}:${tag}`,
      `oci:${gzip}:${tag}`,
    ]);
    await execa('umoci', ['unpack', '--image', `${gzip}:${tag}`, join(folder, 'bundle')]);
    return new Bundle(join(folder, 'bundle'), join(folder, 'runc'));
  }

  get rootfs(): string {
    return join(this.folder, 'rootfs');
  }

  /** Runs a command in the image with runc, without a terminal, with the environment of the image's config. */
  async run(...args: string[]): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    await this.#configure(args, false);
    const { exitCode, all } = await execa('runc', this.#words(), {
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    return { exitCode, output: all ?? '' };
  }

  /** Starts a server of the image with runc, in the machine's network. A signal to runc goes to the server. */
  async serve(...args: string[]): Promise<ChildProcess> {
    await this.#configure(args, true);
    return spawn('runc', this.#words(), { stdio: 'ignore' });
  }

  async #configure(args: readonly string[], ownsNoNetwork: boolean): Promise<void> {
    const path = join(this.folder, 'config.json');
    const config: BundleConfig = JSON.parse(await readFile(path, 'utf8'));
    config.process.terminal = false;
    config.process.args = [...args];
    if (ownsNoNetwork)
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
    await writeFile(path, JSON.stringify(config));
  }

  #words(): string[] {
    this.#runs++;
    const name = `niximage-test-${process.pid}-${Date.now()}-${this.#runs}`;
    return ['--root', this.#state, 'run', '--bundle', this.folder, name];
  }

  /** What the image's own config starts. */
  async configuredArgs(): Promise<readonly string[]> {
    const config: BundleConfig = JSON.parse(await readFile(join(this.folder, 'config.json'), 'utf8'));
    return config.process.args;
  }
}
