import { Agent, request } from 'undici';
import { accepted } from './wrk.ts';

/** Certificates are made for a run and signed by nobody. */
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });

/** Asks once, and reads all of the answer. @throws where it is an error. */
export async function get(url: string): Promise<void> {
  const { statusCode, body } = await request(url, { dispatcher, headers: { accept: accepted } });
  await body.dump({ limit: Number.MAX_SAFE_INTEGER });
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
}
