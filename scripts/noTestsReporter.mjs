/**
 * A reporter of node:test that lets a run fail in which no test ran, as after a mistyped name.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
async function* noTests(events) {
  let ran = 0;
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A file without a test is told as one test of the file's name.
    if (data.details.type !== 'suite' && !(data.file ?? '').endsWith(data.name)) ran++;
  }
  if (ran > 0) return;
  process.exitCode = 1;
  yield 'No test ran.\n';
}

// oxlint-disable-next-line import/no-default-export -- node asks for it.
export default noTests;
