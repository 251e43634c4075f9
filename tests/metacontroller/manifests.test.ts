import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { settingNames } from '../../cli/clusterSettings.ts';
import { main } from '../../cli/main.ts';
import { hookOptions } from '../../hooks/configuration.ts';
import { decoratorSettings } from '../../hooks/decorator/configuration.ts';
import { initialiseOptions, keeperOptions, serveOptions } from '../../registry/configuration.ts';
import { environmentName, type Options, readOptions } from '../../runtime/options.ts';

const root = new URL('../../metacontroller/manifests/', import.meta.url);
const base = new URL('base/', root);
const overlays = ['single-node', 'nfs'] as const;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Spec;
}

/** What the tests look for, by kind. */
interface Spec {
  readonly template: { readonly spec: { readonly containers: readonly [Container] } };
  readonly ports: readonly [{ readonly targetPort: string }];
  readonly ingress: readonly [{ readonly ports: readonly [{ readonly port: number }] }];
  readonly resyncPeriodSeconds: number;
  readonly hooks: Readonly<Record<'sync' | 'finalize', { readonly webhook: Webhook }>>;
  readonly mountOptions?: readonly string[];
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
}

interface Webhook {
  readonly url: string;
  readonly authorization: { readonly secretRef: { readonly name: string } };
}

async function read(file: string, folder: URL = base): Promise<Manifest[]> {
  const documents = parseAllDocuments(await readFile(new URL(file, folder), 'utf8'));
  return documents.map((document) => document.toJS() as Manifest);
}

async function baseManifests(): Promise<Manifest[]> {
  const { resources }: { resources: string[] } = parse(
    await readFile(new URL('kustomization.yaml', base), 'utf8'),
  );
  return (
    await Promise.all(resources.filter((file) => file.endsWith('.yaml')).map((file) => read(file)))
  ).flat();
}

/** The settings of one overlay, as kustomize merges them and the cluster hands them to each part. */
async function settings(overlay: string): Promise<Record<string, string>> {
  const files = [new URL('configuration.env', base), new URL(`overlays/${overlay}/settings.env`, root)];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => /^[^#]/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe('the base', () => {
  test('its kustomization names every file of it', async () => {
    const { resources }: { resources: string[] } = parse(
      await readFile(new URL('kustomization.yaml', base), 'utf8'),
    );
    const files = (await readdir(base)).filter(
      (file) => file !== 'kustomization.yaml' && file.endsWith('.yaml'),
    );
    assert.deepEqual(resources.filter((file) => file.endsWith('.yaml')).sort(), files.sort());
  });

  test('all that has a namespace is in one', async () => {
    const clusterWide = ['Namespace', 'ClusterRole', 'CompositeController', 'DecoratorController'];
    const wrong = (await baseManifests()).filter(
      ({ kind, metadata }) =>
        (metadata.namespace ?? '') !== (clusterWide.includes(kind) ? '' : 'niximage-system'),
    );
    assert.deepEqual(wrong, []);
  });

  const parts: readonly {
    readonly name: string;
    readonly words: readonly string[];
    readonly options: Options;
  }[] = [
    { name: 'niximage-hook', words: ['hook'], options: hookOptions },
    { name: 'niximage-keeper', words: ['registry', 'keeper'], options: keeperOptions },
    { name: 'niximage-registry', words: ['registry', 'serve'], options: serveOptions },
    { name: 'niximage-initialise', words: ['registry', 'initialise'], options: initialiseOptions },
  ];
  for (const { name, words, options } of parts)
    test(`${name} starts with a command line and settings that it understands`, async () => {
      const manifest = (await baseManifests()).find(
        ({ kind, metadata }) => metadata.name === name && ['Deployment', 'Job'].includes(kind),
      );
      const [container] = manifest?.spec.template.spec.containers ?? [];
      assert.ok(container);
      assert.deepEqual(container.args.slice(0, words.length), words);
      for (const overlay of overlays) {
        const environment = { ...(await settings(overlay)), NIXIMAGE_BUILDER_IMAGE: 'niximage' };
        const rest: readonly string[] = readOptions(options, {
          words: container.args.slice(words.length),
          environment,
        }).rest;
        assert.deepEqual(rest, []);
      }
    });

  test('the ports that a part listens on, that its Service leads to and that its policy opens are the same', async () => {
    const manifests = await baseManifests();
    const find = (kind: string, name: string): Manifest => {
      const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
      assert.ok(found, `${kind} ${name}`);
      return found;
    };
    for (const name of ['niximage-hook', 'niximage-keeper', 'niximage-registry']) {
      const [container] = find('Deployment', name).spec.template.spec.containers;
      const [{ name: portName, containerPort }] = container.ports;
      assert.ok(container.args.includes(`--port=${containerPort}`), name);
      assert.equal(find('Service', name).spec.ports[0].targetPort, portName);
      assert.equal(find('NetworkPolicy', name).spec.ingress[0].ports[0].port, containerPort);
    }
  });

  test('controllers call the hook at least every five minutes, each time with its token', async () => {
    const controllers = (await baseManifests()).filter(({ kind }) => kind.endsWith('Controller'));
    assert.equal(controllers.length, 2);
    for (const { spec } of controllers) {
      assert.ok(spec.resyncPeriodSeconds >= 60 && spec.resyncPeriodSeconds <= 300);
      for (const { webhook } of [spec.hooks.sync, spec.hooks.finalize]) {
        assert.ok(webhook.url.startsWith('http://niximage-hook.niximage-system.svc/'));
        assert.equal(webhook.authorization.secretRef.name, 'niximage-hook-token');
      }
    }
  });
});

test('each setting that docs/cluster.md lists is one', async () => {
  const text = await readFile(new URL('../../docs/cluster.md', import.meta.url), 'utf8');
  const section = text.split('\n## Settings\n')[1]?.split('\n## ')[0] ?? '';
  const listed = [...section.matchAll(/`(NIXIMAGE_\w+)`/g)].map(([, name = '']) => name);
  assert.ok(listed.length > 15);
  assert.deepEqual(
    listed.filter((name) => !settingNames.includes(name)),
    [],
  );
});

test('the component nginx changes what the registry has', async () => {
  interface Patches {
    readonly patches: readonly { readonly patch: string }[];
  }
  const file = new URL('components/nginx/kustomization.yaml', root);
  // The file is ours, and its form is kustomize's.
  const { patches } = parse(await readFile(file, 'utf8')) as Patches;
  const deployment = (await read('registry.yaml')).find(({ kind }) => kind === 'Deployment');
  const changes = patches.flatMap(
    ({ patch }) => parse(patch) as { op: string; path: string; value: unknown }[],
  );
  assert.ok(changes.length > 5);
  for (const { op, path } of changes) {
    const steps = path.split('/').slice(1, op === 'add' ? -1 : undefined);
    const found = steps.reduce<unknown>((at, step) => Object(at)[step], deployment);
    assert.ok(found !== undefined, path);
  }
  const args = changes.find(({ path }) => path.endsWith('/args'))?.value;
  const configuration = await readFile(new URL('components/nginx/nginx.conf', root), 'utf8');
  assert.ok(Array.isArray(args));
  const { values } = readOptions(serveOptions, { words: args.slice(2), environment: {} });
  assert.ok(configuration.includes(`server ${values.host}:${values.port};`));
  assert.ok(configuration.includes(`location ${values['x-accel']} {`));
  assert.ok(configuration.includes(`alias ${values.store}/;`));
});

test('the settings are the options of the hook and the registry', () => {
  const options = [hookOptions, keeperOptions, serveOptions].flatMap((each) => Object.keys(each));
  assert.deepEqual(settingNames.toSorted(), [...new Set(options.map(environmentName))].toSorted());
});

describe('the settings of the overlay', () => {
  for (const overlay of overlays)
    test(`${overlay} are known, and describe the volume that it has`, async () => {
      const environment = await settings(overlay);
      assert.deepEqual(
        Object.keys(environment).filter((name) => !settingNames.includes(name)),
        [],
      );
      const needed = ['--keeper-url=http://a', '--keeper-token-file=a', '--token-file=a'];
      const { values } = readOptions(hookOptions, { words: needed, environment });
      const volume = decoratorSettings(values)?.volume;
      const [whole] = await read('volume.yaml', new URL(`overlays/${overlay}/`, root));
      assert.equal(volume?.kind, overlay === 'nfs' ? 'Nfs' : 'HostPath');
      assert.deepEqual(volume?.mountOptions, whole?.spec.mountOptions ?? []);
    });

  const rows: readonly { readonly name: string; readonly says: RegExp }[] = [
    {
      name: 'NIXIMAGE_REGISTRY_HSOT',
      says: /NIXIMAGE_REGISTRY_HSOT .*did you mean NIXIMAGE_REGISTRY_HOST\?/,
    },
    { name: 'NIXIMAGE_SOMETHING_ELSE', says: /no setting of the hook or the registry: docs\/cluster\.md/ },
  ];
  for (const command of [['hook'], ['registry', 'serve']])
    for (const { name, says } of rows)
      test(`${command.join(' ')} refuses ${name} in a Pod`, async () => {
        let stderr = '';
        const terminal = {
          cwd: '/',
          env: { [name]: 'a', KUBERNETES_SERVICE_HOST: '10.96.0.1' },
          stdin: process.stdin,
          stdout: { write: () => true },
          stderr: { write: (text: string) => (stderr += text) },
          signal: new AbortController().signal,
        };
        assert.equal(await main(command, terminal), 2);
        assert.match(stderr, says);
      });
});
