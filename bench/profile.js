// The job of the module as a body filter of njs: collect the body, parse it,
// move what neither the system nor the provider sent into app_metadata, write
// it again.

function set(names) {
    const s = {};

    names.forEach((name) => {
        s[name] = true;
    });

    return s;
}

const identity = set([
    'user_id', 'email', 'email_verified', 'username', 'phone_number',
    'phone_verified', 'name', 'nickname', 'given_name', 'family_name',
    'picture', 'identities', 'created_at', 'updated_at', 'last_login',
    'last_ip', 'logins_count', 'blocked', 'multifactor',
]);

const rename = {
    lastLogin: 'last_login', lastIP: 'last_ip', loginsCount: 'logins_count',
};

const drop = set([
    '_id', '__tenant', 'clientID', 'globalClientID', 'global_client_id',
]);

const providers = {
    facebook: set([
        'age_range', 'context', 'cover', 'devices', 'gender', 'install_type',
        'installed', 'is_verified', 'link', 'locale', 'middle_name',
        'name_format', 'picture_large', 'security_settings', 'third_party_id',
        'timezone', 'updated_time', 'verified',
    ]),
    github: set([
        'bio', 'blog', 'collaborators', 'company', 'disk_usage', 'emails',
        'events_url', 'followers', 'followers_url', 'following',
        'following_url', 'gists_url', 'gravatar_id', 'hireable', 'html_url',
        'location', 'node_id', 'organizations_url', 'plan', 'public_gists',
        'public_repos', 'received_events_url', 'repos_url', 'site_admin',
        'starred_url', 'subscriptions_url', 'type', 'url',
    ]),
    'google-oauth2': set([
        'birthday', 'gender', 'hd', 'link', 'locale', 'timezone',
    ]),
};

function rewrite(user) {
    const id = String(user.user_id);
    const provider = providers[id.slice(0, id.indexOf('|'))];
    const app = Object.assign({}, user.metadata, user.app_metadata);
    const v2 = {};

    Object.keys(user).forEach((name) => {
        if (name === 'app_metadata' || name === 'user_metadata'
            || name === 'metadata' || drop[name])
        {
            return;
        }

        if (rename[name]) {
            v2[rename[name]] = user[name];

        } else if (identity[name] || (provider && provider[name])) {
            v2[name] = user[name];

        } else {
            app[name] = user[name];
        }
    });

    (user.identities || []).forEach((identity) => {
        delete identity.access_token;
        delete identity.access_token_secret;
        delete identity.refresh_token;
    });

    v2.app_metadata = app;
    v2.user_metadata = user.user_metadata || {};

    return v2;
}

function header(r) {
    delete r.headersOut['Content-Length'];
}

const chunks = [];

function body(r, data, flags) {
    chunks.push(data);

    if (!flags.last) {
        return;
    }

    const root = JSON.parse(chunks.join(''));

    r.sendBuffer(JSON.stringify(Array.isArray(root) ? root.map(rewrite)
                                                    : rewrite(root)),
                 flags);
    r.done();
}

export default { header, body };
