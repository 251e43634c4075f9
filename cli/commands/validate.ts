import { defineCommand } from '../defineCommand.ts';
import { readImages } from '../manifests/images.ts';
import { problemReport } from '../manifests/problem.ts';

export const validate = defineCommand({
  name: 'validate',
  summary:
    'Checks manifests against the schema and the rules of a NixImage, and tells all problems at once, each with its file, line and column. Exit code 1 where there is one.',
  options: {},
  examples: [
    'niximage validate examples/curl-and-jq.yaml',
    'niximage validate examples',
    'cat examples/hello.yaml | niximage validate -',
  ],
  positionals: { usage: 'FILE...', least: 1 },
  async run(_values, words, terminal) {
    const { images, problems } = await readImages(words, terminal, 'elsewhere');
    if (problems.length > 0) {
      terminal.stderr.write(problemReport(problems));
      return 1;
    }
    terminal.stdout.write(
      images.length === 1 ? '1 image, no problems\n' : `${images.length} images, no problems\n`,
    );
    return 0;
  },
});
