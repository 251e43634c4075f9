import { readFile } from 'node:fs/promises';
import { type BuildOrder, handedOver, parseBuildOrder } from '../runtime/contract/buildOrder.ts';
import { pushToVariable } from '../runtime/contract/pushing.ts';
import type { BuildReport } from '../runtime/contract/report.ts';
import { secretsVariable } from '../runtime/contract/secrets.ts';
import { type SourceTexts, withSourceTexts } from '../runtime/contract/sources.ts';
import { messageOf } from '../runtime/errors.ts';
import { ActivityLog } from './activityLog.ts';
import { buildImage } from './build.ts';
import { BuildError } from './errors.ts';
import { parseFormat } from './format.ts';
import { defaultMinimumFree, parseSize } from './freeSpace.ts';
import type { Environment } from './nix/settings.ts';
import { failureOf, writeTerminationMessage } from './report.ts';
import { readSecrets, redactedReport } from './secrets.ts';

/** Where the lines for `kubectl logs` go. */
export interface LogOutput {
  /** False where the reader is behind; `drain` follows. */
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/**
 * `niximage builder`: builds the image that the words order (runtime/contract/buildOrder.ts), and leaves a report as
 * the Pod's termination message.
 * @param signal aborted when the Pod is to stop; the build then ends within two seconds, as `Interrupted`.
 * @returns the exit code: 0 where the image is built, 1 elsewhere.
 */
export async function runBuilder(
  words: readonly string[],
  environment: Environment,
  signal: AbortSignal,
  output: LogOutput = process.stdout,
): Promise<number> {
  const report = await reportOf(words, environment, signal, output);
  await say(
    output,
    report.result === 'Built' ? `built ${report.digest}` : `failed: ${report.reason}: ${report.message}`,
  );
  const terminationLog = terminationLogOf(words);
  if (terminationLog !== undefined)
    await writeTerminationMessage(terminationLog, report).catch((error: unknown) =>
      say(output, `the report cannot be written to ${terminationLog}: ${messageOf(error)}`),
    );
  return report.result === 'Built' ? 0 : 1;
}

/** Read by itself, so that an order that cannot be read is reported as well. */
function terminationLogOf(words: readonly string[]): string | undefined {
  const option = '--termination-log=';
  return words.find((word) => word.startsWith(option) && word.length > option.length)?.slice(option.length);
}

async function reportOf(
  words: readonly string[],
  environment: Environment,
  signal: AbortSignal,
  output: LogOutput,
): Promise<BuildReport> {
  try {
    const secrets = await readSecrets(environment[secretsVariable]);
    const order = parseBuildOrder(words);
    const activities = new ActivityLog();
    const { expressionText, texts } = await readHandedOver(order);
    const report = await buildImage({
      expressionText,
      namespace: order.namespace,
      name: order.name,
      tag: order.tag,
      publication: {
        uid: order.uid,
        created: order.created,
        ordinal: order.ordinal,
        inputHash: order.inputHash,
      },
      pod: order.pod,
      packageSet: order.packageSet,
      ...(order.sources === undefined ? {} : { sources: withSourceTexts(order.sources, texts) }),
      format: parseFormat(order),
      store: order.store,
      environment,
      secrets,
      pushTo: (environment[pushToVariable] ?? '').split(' ').filter((cache) => cache !== ''),
      minimumFree: minimumFreeOf(environment),
      sandbox: isYes(environment['NIXIMAGE_SANDBOX']),
      onActivity: (activity) => {
        const line = activities.lineFor(activity);
        if (line !== undefined) output.write(`${line}\n`);
      },
      onLog: (line) => say(output, secrets.redact(line)),
      signal,
    });
    return redactedReport(report, secrets);
  } catch (error) {
    return failureOf(error);
  }
}

/** @throws {BuildError} `ExpressionChanged` where the files are not those that the hook wrote. */
async function readHandedOver(order: BuildOrder): Promise<{ expressionText: string; texts: SourceTexts }> {
  const [expression, texts] = await Promise.all([
    readHanded(order.expression),
    order.sourceTexts === undefined ? undefined : readHanded(order.sourceTexts),
  ]);
  const digest = handedOver(expression, texts);
  if (digest === order.expressionDigest)
    return {
      expressionText: expression.toString('utf8'),
      // Its digest says that the hook wrote it.
      texts: texts === undefined ? {} : (JSON.parse(texts.toString('utf8')) as SourceTexts),
    };
  throw new BuildError(
    'ExpressionChanged',
    `the expression in ${order.expression} is not the one that was ordered (it has ${digest}, ordered was ${order.expressionDigest}); somebody else wrote the ConfigMap: delete it, and it is made again`,
    { transient: true },
  );
}

async function readHanded(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    throw new BuildError(
      'ExpressionChanged',
      `the expression ${path} cannot be read (${messageOf(cause)}); is the ConfigMap mounted?`,
      { cause, transient: true },
    );
  });
}

function minimumFreeOf(environment: Environment): number {
  const text = environment['NIXIMAGE_MIN_FREE'];
  return text === undefined || text === '' ? defaultMinimumFree : parseSize(text);
}

function isYes(text: string | undefined): boolean {
  return text === '1' || text === 'true';
}

async function say(output: LogOutput, line: string): Promise<void> {
  if (output.write(`${line}\n`)) return;
  await new Promise<void>((resolve) => output.once('drain', resolve));
}
