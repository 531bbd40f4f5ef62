/**
 * Names that `opus-decoder` touches while it loads and that an AudioWorklet does not have. Import it before
 * that package. Its worker variant is never used, so anything that can be extended will do.
 */
const scope = globalThis as { Worker?: unknown; performance?: unknown };

scope.Worker ??= function Worker() {};
scope.performance ??= { now: () => Date.now() };
