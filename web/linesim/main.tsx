import { render } from 'preact';

import { App } from './App';
import { follow } from './feed';
import { Model } from './model';

const model = new Model();
render(<App model={model} />, document.getElementById('app')!);
void follow(model);
