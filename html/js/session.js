/* What is remembered until the tab is closed. */

function item(name) {
  return {
    get: () => sessionStorage.getItem(`profile.${name}`),
    set: (value) => sessionStorage.setItem(`profile.${name}`, value),
    forget: () => sessionStorage.removeItem(`profile.${name}`),
  };
}

export const token = item('token');

/* Set where pictures of other sites are loaded. */

export const remotePictures = item('pictures');
