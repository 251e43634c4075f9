import { runBuilder } from '../../../builder/main.ts';
import { shutdownSignal } from '../../../runtime/shutdown.ts';

// The builder as a process of its own, for tests that end it by a signal.
process.exitCode = await runBuilder(process.argv.slice(2), process.env, shutdownSignal());
