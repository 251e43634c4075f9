import { rm } from 'node:fs/promises';
import { controlGroupFolders, removeControlGroup } from './controlGroups.mjs';

// node sweep.mjs FOLDER CONTROL-GROUP: waits until the process that started it has ended, however it did, and takes
// away what it left. It reads an end of a pipe whose other end that process holds.
const [folder = '', controlGroup = ''] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.stdin.resume();
process.stdin.once('end', async () => {
  for (const each of await controlGroupFolders('/sys/fs/cgroup', controlGroup))
    await removeControlGroup(each).catch((error) => console.error(`${each} stays: ${error.message}`));
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});
