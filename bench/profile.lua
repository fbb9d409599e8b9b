-- The job of the module as a body filter of the Lua module: collect the body,
-- decode it with cjson, move what neither the system nor the provider sent
-- into app_metadata, encode it again.

local cjson = require "cjson.safe"

local _M = {}

local function set(names)
    local s = {}
    for name in names:gmatch("%S+") do
        s[name] = true
    end
    return s
end

local identity = set [[
    user_id email email_verified username phone_number phone_verified name
    nickname given_name family_name picture identities created_at updated_at
    last_login last_ip logins_count blocked multifactor
]]

local rename = {
    lastLogin = "last_login", lastIP = "last_ip", loginsCount = "logins_count"
}

local drop = set "_id __tenant clientID globalClientID global_client_id"

local tokens = { "access_token", "access_token_secret", "refresh_token" }

local providers = {
    facebook = set [[
        age_range context cover devices gender install_type installed
        is_verified link locale middle_name name_format picture_large
        security_settings third_party_id timezone updated_time verified
    ]],
    github = set [[
        bio blog collaborators company disk_usage emails events_url followers
        followers_url following following_url gists_url gravatar_id hireable
        html_url location node_id organizations_url plan public_gists
        public_repos received_events_url repos_url site_admin starred_url
        subscriptions_url type url
    ]],
    ["google-oauth2"] = set "birthday gender hd link locale timezone",
}

local function rewrite(user)
    local provider = providers[(tostring(user.user_id)):match("^(.-)|")] or {}
    local app = type(user.app_metadata) == "table" and user.app_metadata or {}
    local own = type(user.user_metadata) == "table" and user.user_metadata
                or {}
    local v2 = {}

    if type(user.metadata) == "table" then
        for name, value in pairs(user.metadata) do
            if app[name] == nil then
                app[name] = value
            end
        end
    end

    for name, value in pairs(user) do
        if name == "app_metadata" or name == "user_metadata"
           or name == "metadata" or drop[name]
        then
            -- done above, or not shown
        elseif rename[name] then
            v2[rename[name]] = value
        elseif identity[name] or provider[name] then
            v2[name] = value
        else
            app[name] = value
        end
    end

    for _, id in ipairs(user.identities or {}) do
        for _, token in ipairs(tokens) do
            id[token] = nil
        end
    end

    v2.app_metadata = app
    v2.user_metadata = own

    return v2
end

function _M.header()
    ngx.header.content_length = nil
end

function _M.body()
    local ctx = ngx.ctx
    local chunks = ctx.chunks

    if not chunks then
        chunks = {}
        ctx.chunks = chunks
    end

    chunks[#chunks + 1] = ngx.arg[1]

    if not ngx.arg[2] then
        ngx.arg[1] = nil
        return
    end

    local root = cjson.decode(table.concat(chunks))

    if root and root.user_id then
        root = rewrite(root)
    elseif root then
        for i, user in ipairs(root) do
            root[i] = rewrite(user)
        end
    end

    ngx.arg[1] = cjson.encode(root)
end

return _M
