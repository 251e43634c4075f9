import { execa } from 'execa';
import { nodeAddress } from './support/node.ts';

// node tests/cluster/inNamespaces.ts WORD...: node with these words, in namespaces that scripts/cluster.mjs has made,
// after what a machine has from the beginning.

/** The network is bare, and the mounts are the machine's. */
const commands = [
  // containerd and iptables keep sockets and locks there.
  'mount -t tmpfs run /run',
  'ip link set lo up',
  'ip link add node type bridge',
  `ip address add ${nodeAddress}/24 dev node`,
  'ip link set node up',
  // An API server looks for its own address there.
  'ip route add default dev node',
  'sysctl -q -w net.ipv4.ip_forward=1',
];

for (const command of commands) {
  const [program = '', ...words] = command.split(' ');
  await execa(program, words);
}
const { exitCode } = await execa(process.execPath, process.argv.slice(2), {
  stdio: 'inherit',
  reject: false,
});
process.exitCode = exitCode ?? 1;
