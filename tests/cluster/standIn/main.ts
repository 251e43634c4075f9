import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../../metacontroller/embedded/clock.ts';
import { Controller } from '../../../metacontroller/embedded/controller/controller.ts';
import { HookClient } from '../../../metacontroller/embedded/controller/hookClient.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { ApiObjects } from './apiObjects.ts';
import { ApiServer, apiAddress } from './apiServer.ts';
import { Decorator } from './decorator.ts';
import { type ControllerObject, readController } from './hooks.ts';
import { Related } from './related.ts';

// node tests/cluster/standIn/main.ts [--kubeconfig=FILE]: plays Metacontroller before a real API server, for tests on a
// machine that has none. The CompositeController is the embedded stand-in's own. Other options are passed over.

// The first process of a container ends for nothing that it does not ask for.
process.once('SIGTERM', () => process.exit(0));

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' } }, strict: false });
const kubeconfig = typeof values['kubeconfig'] === 'string' ? values['kubeconfig'] : undefined;
const server = new ApiServer(await apiAddress(kubeconfig, process.env));
const objects = await ApiObjects.open(server, new AbortController().signal, say);
await Promise.all([
  keep('compositecontrollers', 'niximages', startComposite),
  keep('decoratorcontrollers', 'niximage-namespaces', startDecorator),
]);

type Stop = () => Promise<void>;

/** Starts what a controller's object asks for, ends it when that object goes, and starts it anew when it changes. */
async function keep(
  plural: 'compositecontrollers' | 'decoratorcontrollers',
  name: string,
  start: (controller: ControllerObject) => Stop,
): Promise<never> {
  let version: string | undefined;
  let stop: Stop = async () => {};
  for (;;) {
    try {
      const controller = await readController(server, plural, name);
      if (controller?.version !== version) {
        await stop();
        version = controller?.version;
        stop = controller === undefined ? async () => {} : start(controller);
        say(`${name}: ${controller === undefined ? 'gone' : `calls ${controller.url}`}`);
      }
    } catch (error) {
      say(messageOf(error));
    }
    await delay(500);
  }
}

function startComposite(controller: ControllerObject): Stop {
  const client = new HookClient(controller);
  const related = new Related(objects, controller);
  const composite = new Controller({
    store: objects,
    clock: systemClock,
    hook: async (path, body, signal) =>
      client.call(path, { ...body, related: await related.of(body.parent) }, signal),
    resyncPeriodSeconds: controller.resyncPeriodSeconds,
    namespaces: { ensure: async () => {} },
    onSync: ({ metadata }, outcome) => {
      if (outcome.kind === 'Failed') say(`${metadata.namespace}/${metadata.name}: ${outcome.message}`);
    },
  });
  return async () => {
    related.close();
    await composite.close();
    await client.close();
  };
}

function startDecorator(controller: ControllerObject): Stop {
  const decorator = new Decorator(objects, controller, say);
  return () => decorator.close();
}

function say(sentence: string): void {
  console.log(`${new Date().toISOString()} ${sentence}`);
}
