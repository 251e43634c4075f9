import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { renderExpression } from '../../hooks/expression/render.ts';
import { problemsText, validateNixImage } from '../../hooks/resource/validate.ts';
import { enable } from '../../tests/cluster/cases/place.ts';
import { metacontrollerTitle } from '../../tests/cluster/support/metacontroller.ts';
import { imageOn } from '../../tests/cluster/support/niximages.ts';
import { type Site, startSite } from '../../tests/cluster/support/site.ts';
import { type BareName, bareExpression, barePod, type PodObject, secondsOf } from './barePod.ts';
import type { Measured, Round } from './measured.ts';

// node bench/node/measure.ts FILE ROUNDS, in what scripts/cluster.mjs makes: installs NixImage on a cluster of one
// node, and writes what it measured there into FILE, as JSON (measured.ts).

const [file = '', rounds = ''] = process.argv.slice(2);
const namespace = 'default';
const contents = ['curl', 'jq', 'bash'] as const;
const claims = ['nix-of-ours', 'nix-of-peer'] as const;

/** One image's data; the tag makes it another one. */
function dataOf(tag: string, nixClaim?: string) {
  return { tag, contents, ...(nixClaim === undefined ? {} : { nix: { claim: nixClaim } }) };
}

async function main(): Promise<void> {
  const site = await startSite();
  try {
    await enable(site, namespace);
    for (const claim of claims) await makeClaim(site, claim);
    const builder = await firstBuild(site);
    const bare = (name: string, tag: string, nixClaim?: string) =>
      nixBuild(
        site,
        builder,
        { name, ...(nixClaim === undefined ? {} : { nixClaim }) },
        expressionOf(name, tag),
      );
    await bare('filling', 'v0', 'nix-of-peer');
    const [cold, warm]: [Round[], Round[]] = [[], []];
    for (let round = 1; round <= Number(rounds); round += 1) {
      cold.push({
        ours: await toRunningPod(site, `cold-${round}`),
        ...(await bare(`bare-cold-${round}`, 'v1')),
      });
      warm.push({
        ours: await toBuilt(site, `v${round}`),
        ...(await bare(`bare-warm-${round}`, `v${round}`, 'nix-of-peer')),
      });
    }
    const measured: Measured = { metacontroller: metacontrollerTitle, cold, warm };
    await writeFile(file, JSON.stringify(measured));
  } finally {
    await site.close();
  }
}

/** Fills the claim of ours, and the node's page cache. @returns the Pod that built. */
async function firstBuild(site: Site): Promise<PodObject> {
  const image = imageOn(site, 'warm', namespace);
  await image.apply(dataOf('v0', 'nix-of-ours'));
  await image.untilBuilding();
  const selector = ['-l', 'k8s.nixos.org/image=warm', '-o', 'jsonpath={.items[0]}'];
  const pod: PodObject = JSON.parse(await site.must(['get', 'pods', '-n', namespace, ...selector]));
  await image.wait('Ready');
  return pod;
}

/** Seconds from the image's `kubectl apply` until a Pod that is made as soon as the image is Ready runs. */
async function toRunningPod(site: Site, name: string): Promise<number> {
  const image = imageOn(site, name, namespace);
  const began = performance.now();
  await image.apply(dataOf('v1'));
  await image.wait('Ready');
  const container = {
    name: 'run',
    image: `localhost:30500/${name}:v1`,
    // Bash has no sleep.
    command: ['bash', '-c', 'read -t 600 <> <(:)'],
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  };
  await site.must(['apply', '-f', '-'], JSON.stringify(pod));
  await site.must([
    'wait',
    '--for=jsonpath={.status.phase}=Running',
    '--timeout=120s',
    '-n',
    namespace,
    `pod/${name}`,
  ]);
  const seconds = (performance.now() - began) / 1000;
  await site.must(['delete', 'pod', name, '-n', namespace, '--grace-period=0', '--force']);
  await image.remove();
  return seconds;
}

/** Seconds from `kubectl apply` of another tag until the image is Built with it. */
async function toBuilt(site: Site, tag: string): Promise<number> {
  const image = imageOn(site, 'warm', namespace);
  const began = performance.now();
  await image.apply(dataOf(tag, 'nix-of-ours'));
  await image.until((status) => status.image === `localhost:30500/warm:${tag}`);
  return (performance.now() - began) / 1000;
}

/** Runs plain nix-build in a Pod of its own, to its end. */
async function nixBuild(
  site: Site,
  builder: PodObject,
  bare: BareName,
  expression: string,
): Promise<Omit<Round, 'ours'>> {
  const there = ['-n', namespace];
  await site.must(['apply', '-f', '-'], JSON.stringify(bareExpression(builder, bare, expression)));
  const began = performance.now();
  await site.must(['apply', '-f', '-'], JSON.stringify(barePod(builder, bare)));
  const ended = 'jsonpath={.status.containerStatuses[0].state.terminated.finishedAt}';
  await site.must(['wait', `--for=${ended}`, '--timeout=300s', ...there, `pod/${bare.name}`]);
  const nixBuildInPod = (performance.now() - began) / 1000;
  const seconds = secondsOf(await site.must(['logs', bare.name, ...there]));
  await site.must(['delete', `pod/${bare.name}`, `configmap/${bare.name}`, ...there]);
  return { nixBuild: seconds, nixBuildInPod };
}

function expressionOf(name: string, tag: string): string {
  const validated = validateNixImage({
    apiVersion: 'k8s.nixos.org/v1',
    kind: 'NixImage',
    metadata: { name, namespace },
    data: dataOf(tag),
  });
  if (!validated.ok) throw new Error(problemsText(validated.problems));
  return renderExpression(validated.image, { packageSet: 'demo' });
}

/** A claim of the namespace on a folder of the node that is the builders' own. */
async function makeClaim(site: Site, name: string): Promise<void> {
  const folder = `${site.folder}/${name}`;
  await execa('install', ['-d', '-o', '1000', '-g', '1000', folder]);
  const shared = { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: '' };
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { ...shared, hostPath: { path: folder }, claimRef: { name, namespace } },
  };
  const { capacity, ...asked } = shared;
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { ...asked, volumeName: name, resources: { requests: capacity } },
  };
  await site.must(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [volume, claim] }),
  );
}

await main();
