#!/usr/bin/perl

# A legacy backend: the users API v1 on a SQLite file.  See README.md.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Legacy::Server;

use Legacy::App;
use Legacy::Seed;
use Legacy::Store;

# Templates, as often as a tenant would have users of them.

my @ROUND = qw(
    auth0 google-oauth2 facebook waad auth0 github samlp twitter ad
    google-oauth2 linkedin adfs auth0 windowslive sms waad facebook
);

Legacy::Server::run(
    app => 'Legacy::App',
    store => 'Legacy::Store',
    flags => ['require-auth'],
    users => sub { Legacy::Seed::users("$FindBin::Bin/seed", $_[0], @ROUND) },
);
