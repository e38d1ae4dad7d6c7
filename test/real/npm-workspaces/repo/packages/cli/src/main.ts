import { kilometres } from '@signposts/ways';
import pico from 'picocolors';

export function main([from = '', to = '']: readonly string[]): number {
  try {
    console.log(pico.bold(`${to} ${kilometres(from, to)} km`));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
