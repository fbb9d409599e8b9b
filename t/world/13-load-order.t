#!/usr/bin/perl

# Proves that nginx says so when another module's filters come before ours, by
# Debian's lua, headers-more and subs-filter in both orders, and that none of
# them makes v1 pass or damages the mapping where ours is loaded last.  It
# fails when a module in between is not named, or one that is not there is.

use lib 't/lib';
use ProfileTest;

my $ours = $ENV{PROFILE_MODULE} || '';
my $modules = '/usr/lib/nginx/modules';
my %file = map { $_ => "$modules/ngx_http_$_" . '_module.so' }
           qw(lua headers_more_filter subs_filter);

plan(skip_all => "Debian's modules are for Debian's nginx")
    if $ours eq '' || ($ENV{PROFILE_NGINX} || '') ne '/usr/sbin/nginx';

my $t = ProfileTest->new(module => '', log => 'info');

sub load { return join ' ', map { "load_module $_;" } @_ }

my @others = ("$modules/ndk_http_module.so", map { $file{$_} } sort keys %file);
my $lua = 'lua_package_path "/usr/share/lua/5.1/?.lua;;";';


# H1.5: the warning

my $uses = <<'END';
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_rewrite auth0;
    }
END

my %name = (
    $others[0] => 'ndk_http_module',
    map { $file{$_} => "ngx_http_$_" . '_module' } keys %file,
);

sub warned {
    my ($out) = @_;

    return [ sort $out =~ /\[warn\] .*filters of module "(\w+)" run before/g ];
}

for (
    [ 'last', [ @others, $ours ], [] ],
    [ 'alone', [ $ours ], [] ],
    map({ my $f = $file{$_}; my $ndk = $others[0];
          ([ "before $_", [ $ndk, $ours, $f ], [ $f ] ],
           [ "behind $_", [ $ndk, $f, $ours ], [] ]) } sort keys %file),
    [ 'in the middle', [ @others[0, 1, 2], $ours, $others[3] ],
      [ $others[3] ] ],
    [ 'first', [ $ours, @others ],
      [ grep { $_ ne $others[0] } @others ] ],
) {
    my ($where, $order, $between) = @$_;
    my $need = (grep { /lua/ } @$order) ? $lua : '';
    my ($rc, $out) = $t->test_conf("$need $uses", main => load(@$order));
    my @names = map { $name{$_} } @$between;

    is($rc, 0, "H1.5 no more than a warning: $where") or diag($out);
    is_deeply(warned($out), [ sort @names ], "H1.5 named: $where")
        or diag($out);
}

my ($rc, $out) = $t->test_conf("$lua include profile/auth0.conf;",
                               main => load($ours, @others));

is($rc, 0, 'H1.5 not used');
is_deeply(warned($out), [], 'H1.5 no warning where nothing is rewritten');

($rc, $out) = $t->test_conf("$lua include profile/auth0.conf; "
                            . 'profile_rewrite off;',
                            main => load($ours, @others));

is_deeply(warned($out), [], 'H1.5 no warning where it is off');


# Loaded last, all of them see v2.

my $backend = $t->backend({ '*' =>
    '{"user_id":"facebook|1","age_range":1,'
    . '"identities":[{"provider":"facebook","access_token":"SECRET"}]}' });

$t->conf(<<"END", main => load(@others, $ours));
    $lua
    include profile/auth0.conf;
    profile_rewrite auth0;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /more {
            proxy_pass http://%%BACKEND%%;
            more_set_headers "Content-Type: text/plain";
        }

        location /lua {
            proxy_pass http://%%BACKEND%%;

            header_filter_by_lua_block {
                ngx.header.content_type = "text/plain"
                ngx.header.content_length = nil
            }

            body_filter_by_lua_block {
                ngx.arg[1] = string.gsub(ngx.arg[1], "facebook", "FACEBOOK")
            }
        }

        location /subs {
            proxy_pass http://%%BACKEND%%;
            subs_filter_types application/json;
            subs_filter facebook FACEBOOK;
        }
    }
END

$t->start;

my $v2 = '{"user_id":"facebook|1","age_range":1,'
         . '"identities":[{"provider":"facebook"}],'
         . '"app_metadata":{},"user_metadata":{}}';

is($t->get('/more')->body, $v2, 'H1.5 last: headers-more sets a type');
is($t->get('/lua')->body, $v2 =~ s/facebook/FACEBOOK/gr,
   'H1.5 last: lua sets a type and changes the body');
is($t->get('/subs')->body, $v2 =~ s/facebook/FACEBOOK/gr,
   'H1.5 last: subs-filter changes the body');

done_testing;
