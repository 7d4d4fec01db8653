export { VIEWS_KINDS, newViews, type NewViews, type ViewsKind } from './new-views.js';
export { reduced } from './reduced.js';
