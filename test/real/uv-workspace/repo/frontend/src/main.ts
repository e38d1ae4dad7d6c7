import { total } from './money';

const app = document.querySelector('#app');
if (app) app.textContent = total([450, 320], import.meta.env.VITE_SIGN ?? '€');
