/*
 * Remembered until the tab is closed: the token for the API, and whether
 * pictures of other sites are loaded.
 */

const TOKEN = 'api_token';
const PICTURES = 'remote_pictures';

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

export const remotePictures = {
  get: () => sessionStorage.getItem(PICTURES) === 'on',
  set: (on) => sessionStorage.setItem(PICTURES, on ? 'on' : 'off'),
};
