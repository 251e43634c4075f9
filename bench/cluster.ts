import { setTimeout as delay } from 'node:timers/promises';
import { numbered, type Plane, startPlane } from '../tests/cluster/scale/plane.ts';
import { metacontrollerProgram } from '../tests/cluster/support/metacontroller.ts';
import { until } from '../tests/cluster/support/processes.ts';
import { type Row, ratioRow, row } from './row.ts';

const images = 200;
/** How many are built at once, in turn. With ten, Metacontroller is at its limit of requests; the last is for all else. */
const limits = [10, 4] as const;
/** Milliseconds. */
const buildTime = 2000;
/** Seconds; what the manifest has would be long to wait for. */
const [period, usualPeriod] = [10, 120];

/**
 * Many images at once, on a real control plane with the real Metacontroller, the hook's two replicas, the keeper and the
 * registry, and with nodes that only say that they build, so that what containers take to start does not count.
 */
export async function benchCluster(): Promise<readonly Row[]> {
  if (metacontrollerProgram === undefined)
    throw new Error(
      'METACONTROLLER must name a Metacontroller, and METACONTROLLER_CRDS the file of its definitions',
    );
  const plane = await startPlane({
    metacontroller: metacontrollerProgram,
    buildTime,
    settings: {},
  });
  try {
    await plane.enable('many');
    await plane.enable('one');
    const rows: Row[] = [];
    for (const builds of limits) {
      if (rows.length > 0)
        await plane.cluster.must(['delete', 'niximages', '-n', 'many', '--all', '--timeout=300s']);
      await plane.restartKeeper({ NIXIMAGE_BUILDS: String(builds) });
      rows.push(...(await atOnce(plane, builds)));
    }
    return [...rows, await idle(plane), ...(await behindOthers(plane))];
  } finally {
    await plane.close();
  }
}

async function atOnce(plane: Plane, builds: number): Promise<readonly Row[]> {
  const began = { at: performance.now(), syncs: await syncs(plane), cpu: await cpu(plane) };
  await plane.apply('many', numbered('image', images));
  await plane.built('many', images, 600_000);
  const seconds = (performance.now() - began.at) / 1000;
  const allowed = (images / builds) * (buildTime / 1000);
  const name = `${images} images, ${builds} at once, builds of ${buildTime / 1000} s`;
  return [
    ratioRow(`${name}, apply to all Built, against what ${builds} allow`, 's', seconds, allowed, 1.3),
    row(`${name}, an image`, 'syncs', ((await syncs(plane)) - began.syncs) / images, { below: 30 }),
    row(`${name}, hook, an image`, 'CPU ms', (((await cpu(plane)) - began.cpu) * 1000) / images, {
      below: 100,
    }),
  ];
}

/** After all are Built nothing is to be done, so Metacontroller asks once a period. */
async function idle(plane: Plane): Promise<Row> {
  const already = await syncs(plane);
  await plane.resyncEvery(period);
  await until(async () => (await syncs(plane)) >= already + images, 60_000);
  // Between two rounds, so that whole ones are counted.
  await delay((period * 1000) / 2);
  const before = await syncs(plane);
  await delay(2 * period * 1000);
  const each = ((await syncs(plane)) - before) / images / 2;
  await plane.resyncEvery(usualPeriod);
  return row(`an image that is Built, a resync period (${period} s here)`, 'syncs', each, { below: 1.01 });
}

/**
 * How long one image waits for its build to begin, while another team's 500 are in line: while those come, and it stands
 * in Metacontroller's own line behind them, and once all of them wait.
 */
async function behindOthers(plane: Plane): Promise<readonly Row[]> {
  const others = 500;
  const before = plane.nodes.runs.length;
  const known = async (): Promise<number> =>
    (await plane.keeperMetric('niximage_builds_waiting')) + plane.nodes.runs.length - before;
  await plane.apply('many', numbered('more', others));
  await until(async () => (await known()) >= 0.8 * others, 120_000);
  const early = await untilPod(plane, 'early');
  await until(async () => (await plane.images('many')).every(({ status }) => status?.['state']), 180_000);
  const late = await untilPod(plane, 'late');
  const goal = { below: (2 * buildTime) / 1000 };
  const name = `one image behind another team's ${others}`;
  return [
    row(`${name}, which are only just coming, apply to its Pod`, 's', early, goal),
    row(`${name}, which all wait, apply to its Pod`, 's', late, goal),
  ];
}

/** Seconds from apply until the image's Pod has a node. */
async function untilPod(plane: Plane, name: string): Promise<number> {
  const began = Date.now();
  await plane.apply('one', [name]);
  const run = () => plane.nodes.runs.find(({ image }) => image === name);
  await until(async () => run() !== undefined, 120_000);
  return ((run()?.startedAt ?? Number.NaN) - began) / 1000;
}

function syncs(plane: Plane): Promise<number> {
  return plane.hookMetric('niximage_syncs_total');
}

function cpu(plane: Plane): Promise<number> {
  return plane.hookMetric('process_cpu_seconds_total');
}
