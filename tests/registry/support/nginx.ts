import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Places {
  /** Where nginx writes; made where it is missing. */
  readonly folder: string;
  readonly store: string;
  readonly port: number;
  /** The port of `serve`. */
  readonly upstream: number;
}

const shipped = new URL('../../../metacontroller/manifests/components/nginx/nginx.conf', import.meta.url);

/** nginx's words to run with the shipped configuration, its places replaced by these. */
export async function nginxWords({ folder, store, port, upstream }: Places): Promise<readonly string[]> {
  const replaced = (text: string, from: string, to: string): string => {
    if (!text.includes(from)) throw new Error(`the shipped nginx.conf has no ${from}`);
    return text.replaceAll(from, to);
  };
  let text = await readFile(shipped, 'utf8');
  text = replaced(text, ' /tmp/', ` ${folder}/`);
  text = replaced(text, '/var/lib/niximage/store/', `${store}/`);
  text = replaced(text, 'listen 5000 ', `listen 127.0.0.1:${port} `);
  text = replaced(text, '127.0.0.1:5001', `127.0.0.1:${upstream}`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  await writeFile(file, text);
  return ['-p', folder, '-c', file, '-g', `daemon off;${process.getuid?.() === 0 ? ' user root;' : ''}`];
}
