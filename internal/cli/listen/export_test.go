package listen

// Fit is what puts a text on a screen, for its test.
var Fit = fit
