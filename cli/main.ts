#!/usr/bin/env node
// npx keeps its link to a package's command for good: whoever ran an earlier version from this folder has one that leads here.
import './main.js'
