import type { ImageSettings } from '../canonical/canonical-image.ts';

/** What Dockerfile.parity's last stage says of the image besides its files; a test holds it against that. */
export const recipeSettings: Omit<ImageSettings, 'labels'> = {
  env: ['PATH=/opt/parity/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'TZ=UTC'],
  entrypoint: [],
  command: ['bash'],
  user: '1000:1000',
  workingDir: '/workspace',
};
