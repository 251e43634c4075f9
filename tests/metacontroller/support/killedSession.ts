import { systemClock } from '../../../metacontroller/embedded/clock.ts';
import { ObjectStore } from '../../../metacontroller/embedded/objects/objectStore.ts';
import { LocalRuntime } from '../../../metacontroller/embedded/pods/localRuntime.ts';

// Runs the one Pod of the state folder, and is killed when there is a process, or so many turns of the event loop later.
const [state = '', turns = ''] = process.argv.slice(2);
const store = await ObjectStore.open(`${state}/objects`, () => {});
const [pod] = store.list('Pod');
if (pod === undefined) throw new Error(`there is no Pod in ${state}`);
const runtime = new LocalRuntime({
  store,
  clock: systemClock,
  state,
  images: `${state}/store`,
  command: ['/bin/sh', '-c'],
  environment: {},
});
void runtime.run(pod);
let left = Number(turns);
let hasProcess = false;
const die = (): void => {
  hasProcess ||= process.getActiveResourcesInfo().includes('ProcessWrap');
  if (hasProcess) left -= 1;
  if (left < 0) process.kill(process.pid, 'SIGKILL');
  else setImmediate(die);
};
die();
