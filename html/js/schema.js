/*
 * Which root attributes of a v2 user are whose.  IDENTITY is what
 * conf/profile/auth0.conf declares as identity and as new name of a rename;
 * what else stands in the root came from the identity provider.
 */

export const IDENTITY = `
  name nickname given_name family_name email email_verified username
  phone_number phone_verified picture
  user_id v2_id created_at updated_at last_login last_ip logins_count blocked
  blocked_for last_password_reset password_set_date multifactor
  multifactor_last_modified guardian_enrollments guardian_authenticators
  passkeys identities`.match(/\w+/g);

export const CONTAINERS = ['user_metadata', 'app_metadata'];

/* What applications read from user_metadata first. */

export const OVERRIDABLE = ['name', 'nickname', 'picture'];

/* Identity, but sent by the provider, unless the connection is our own. */

export const NORMALIZED = ['name', 'nickname', 'given_name', 'family_name',
                           'picture'];

export const OWN_PROVIDERS = ['auth0', 'email', 'sms'];

const LABELS = new Map(Object.entries({
  ad: 'Active Directory', adfs: 'ADFS', auth0: 'Database', email: 'E-mail',
  facebook: 'Facebook', github: 'GitHub', 'google-oauth2': 'Google',
  linkedin: 'LinkedIn', samlp: 'SAML', sms: 'SMS', twitter: 'Twitter',
  waad: 'Azure AD', windowslive: 'Microsoft',
}));

export function providerLabel(provider) {
  return LABELS.get(provider) ?? provider;
}
