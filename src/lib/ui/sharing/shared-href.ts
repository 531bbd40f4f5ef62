import { resolve } from '$app/paths';

/** Where a shared recording is shown: `link` is what stands behind the `#`, which no server sees. */
export const sharedHref = (link: string): string => `${resolve('/shared')}#${link}`;
