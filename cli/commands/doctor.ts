import { duration, flag, optional, path, text, withDefault } from '../../runtime/options.ts';
import { defineCommand } from '../defineCommand.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary:
    'Looks whether a cluster can build and pull images: the definition, Metacontroller, the hook, the registry, the volume, and a pull by each node. Each line says ok, or what to do. Exit code 1 where there is something to do.',
  options: {
    kubectl: withDefault(text('PROGRAM', 'How the cluster is reached.'), 'kubectl'),
    kubeconfig: optional(path('FILE', "Instead of kubectl's own.")),
    context: optional(text('NAME', "Instead of kubectl's current one.")),
    'skip-pull': flag('Starts no Pods, so it only looks.'),
    timeout: withDefault(duration('How long nodes may pull.'), 120_000, '120s'),
  },
  examples: ['niximage doctor', 'niximage doctor --skip-pull'],
  positionals: { usage: '', least: 0, most: 0 },
  async run(values, _words, terminal) {
    const [{ examine }, { paintFor }, { reportLines }] = await Promise.all([
      import('../doctor/examine.ts'),
      import('../terminal/style.ts'),
      import('../doctor/report.ts'),
    ]);
    const findings = await examine(values, terminal);
    const lines = reportLines(findings, paintFor(terminal.stdout, terminal.env));
    terminal.stdout.write(`${lines.join('\n')}\n`);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
});
