/*
 * The fields of a user by whose they are.  IDENTITY is what
 * conf/profile/auth0.conf has as identity and as new name of a rename; the
 * rest of a user's root came from the identity provider.
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

/* Identity that the provider sends, unless the connection is our own. */

export const NORMALIZED = ['name', 'nickname', 'given_name', 'family_name',
                           'picture'];

export const OWN_PROVIDERS = ['auth0', 'email', 'sms'];
